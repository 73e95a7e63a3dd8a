"""Rules on a stack beside what the managers have (`--live`)."""
