"""Requests to a proxy that runs: what the labels ask for is asked for, and what comes back is kept for the rules."""
