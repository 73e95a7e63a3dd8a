"""What managers take for a name (swarmkit manager/controlapi/common.go), and for a subnet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lblint.lazy_re import pattern
from lblint.stack.model import Stack

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

LONGEST_NAME = 63
LONGEST_OBJECT_NAME = 64

_NAME = pattern(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9])*")
_STACK = pattern(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9])*[-_]*")
_OBJECT_NAME = pattern(r"[a-zA-Z0-9](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9])?")


def name_fault(name: str) -> str:
    """What a manager says against the name of a service or network; nothing where it takes it."""
    if not _NAME.fullmatch(name):
        return "name must be valid as a DNS name component"
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        return "name must be 63 characters or fewer"
    return ""


def object_name_fault(name: str) -> str:
    """What a manager says against the name of a secret or config; nothing where it takes it."""
    if len(name.encode("utf-8", "surrogatepass")) <= LONGEST_OBJECT_NAME and _OBJECT_NAME.fullmatch(name):
        return ""
    return (
        "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]"
    )


def is_stack_name(name: str) -> bool:
    """Whether names that begin with `<name>_` can be valid; the client itself checks next to nothing."""
    return _STACK.fullmatch(name) is not None and len(name) + 2 <= LONGEST_NAME


def networks_bear_name(stack: Stack) -> bool:
    """Whether docker creates a network that is called after the stack: it does so before anything else."""
    return any(net.used and not net.external and not net.config.get("name") for net in stack.networks.values())


def parse_cidr(text: str) -> IPv4Network | IPv6Network | None:
    """Read `10.20.0.0/24` as Go's net.ParseCIDR; bits behind the prefix may be set. None where it is no subnet."""
    import ipaddress

    address, _, length = text.rpartition("/")
    if not pattern(r"[0-9]{1,3}").fullmatch(length) or "%" in address:
        return None
    try:
        return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        return None
