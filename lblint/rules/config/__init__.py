"""Rules on Interlock's own config.toml."""
