"""What the managers have: services, networks, configs, secrets, nodes. The only reader that meets Docker.

`connect.connect` chooses a daemon and gives a `Swarm`, of which `read.snapshot` makes a `model.Snapshot`; what goes
wrong on the way is `error.SwarmError`.
"""
