"""What the rules on a running Swarm share: whose an object is, for messages."""

from __future__ import annotations


def owner(stack: str) -> str:
    """Whose an object is, by the name of its stack; "" for none."""
    return f"of the stack {stack}" if stack else "of no stack"
