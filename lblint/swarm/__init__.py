"""What the managers have: services, networks, configs, secrets, nodes. The only reader that meets Docker."""
