"""`.lblint.yml`: what a repository says of its stacks and of the ingress that they share."""

from __future__ import annotations

from lblint.settings.model import Settings, StackFiles, StackIndex, Variables
from lblint.settings.reader import SettingsError, read_settings

__all__ = ["Settings", "SettingsError", "StackFiles", "StackIndex", "Variables", "read_settings"]
