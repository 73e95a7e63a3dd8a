"""lblint: the gate in front of a shared Docker Swarm ingress."""

from __future__ import annotations

__version__ = "0.1.0"
