"""Rules on one file as YAML: what go-yaml refuses, or reads otherwise than meant."""
