"""What is raised when the managers cannot be asked, or answer what nobody understands."""

from __future__ import annotations


class SwarmError(Exception):
    """The Swarm could not be read; the text says why and what to do. What it holds is not known."""


class RefusedError(SwarmError):
    """The daemon refuses to tell this to whoever asks (401, 403)."""
