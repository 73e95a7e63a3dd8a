"""Subnets in CIDR notation."""

from __future__ import annotations

import ipaddress

from lblint.lazy_re import pattern

Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_cidr(text: str) -> Subnet | None:
    """Read `10.20.0.0/24` as Go's net.ParseCIDR; bits behind the prefix may be set. None where it is no subnet."""
    address, _, length = text.rpartition("/")
    if not pattern(r"[0-9]{1,3}").fullmatch(length) or "%" in address:
        return None
    try:
        return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        return None
