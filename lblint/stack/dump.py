"""The resolved stack as text: what `docker stack config` prints, byte for byte.

Source: docker/cli cli/command/stack/config.go.
"""

from __future__ import annotations

from typing import Any

from lblint.stack.go_yaml import Emitter
from lblint.stack.model import Stack


def dump(stack: Stack) -> str:
    """Print a stack as `docker stack config` of client 28 does."""
    return dump_config(stack.config)


def dump_config(config: Any) -> str:
    """Print plain data as go-yaml does: keys in the order in which they stand."""
    emitter = Emitter()
    emitter.node(config, 0)
    emitter.indent(0)
    return "".join(emitter.out)


def unprintable(stack: Stack) -> str:
    """Why `docker stack config` dies on a stack that `docker stack deploy` takes; nothing where it does not."""
    for volume in stack.config.get("volumes", {}).values():
        if isinstance(volume, dict) and volume.get("external") and _clashes(volume):
            return 'panic: cannot have key "x-cluster-spec" in inlined map: conflicts with struct field'
    return ""


def _clashes(volume: dict[str, Any]) -> bool:
    return "x-cluster-spec" in volume
