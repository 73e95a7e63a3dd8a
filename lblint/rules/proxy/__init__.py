"""Rules on the trial nginx.conf, and on what nginx itself says of it."""
