"""Rules on one stack: what the docker client or a manager refuses, drops or changes; labels service by service."""
