"""Rules on all routes that share one ingress: networks, host mode, hosts that several services claim."""
