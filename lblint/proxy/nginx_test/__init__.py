"""The trial config before the user's own nginx (`--nginx`)."""
