"""The short syntax of `ports:`: `[ip:][host[-host]:]container[-container][/protocol]`."""

from __future__ import annotations

from lblint.records import NamedTuple
from lblint.stack.faults import GrammarError

FORMAT_REFUSED = "Does not match format 'ports'"
"""What the schema of client 25 and later says instead of the grammar's own words, behind `services.a.ports.0 `."""

PROTOCOLS = ("tcp", "udp", "sctp")


class PortMapping(NamedTuple):
    """One published port of the short syntax, with docker's words if it warns of an address it will not use.

    `published` 0 means that the manager picks one.
    """

    target: int
    published: int
    protocol: str
    mode: str = "ingress"
    warning: str = ""


def parse_ports(text: str, legacy: bool = False) -> tuple[PortMapping, ...] | GrammarError:
    """Read one short entry; ranges become several ports, in docker's order.

    `legacy` says it in the words of client 20.10. Source: go-connections nat.ParsePortSpec; docker/cli
    opts/swarmopts/port.go ConvertPortToPortConfig; cli/compose/loader/loader.go toServicePortConfigs.
    """
    spec = _parse_spec(text, legacy)
    if isinstance(spec, str):
        return GrammarError(spec[0].upper() + spec[1:] if legacy else spec)
    ports: list[PortMapping] = []
    low, high = spec.container
    for offset in range(high - low + 1):
        first = last = spec.host[0] + offset if spec.host else 0
        if spec.host and low == high:
            last = spec.host[1]
        warning = _ignored_address(spec, low + offset, first, last, legacy)
        ports.extend(
            PortMapping(low + offset, published, spec.protocol, "ingress", warning)
            for published in range(first, last + 1)
        )
    ports.sort(key=lambda port: f"{port.target}/")
    return tuple(ports)


def check_ports(text: str) -> str:
    """Why docker refuses a short entry, or nothing; ranges are not counted out."""
    spec = _parse_spec(text, False)
    return spec if isinstance(spec, str) else ""


def count_ports(text: str) -> int:
    """How many ports a short entry stands for: up to 65536. 0 where it is none."""
    spec = _parse_spec(text, False)
    if isinstance(spec, str):
        return 0
    inside, outside = spec.container[1] - spec.container[0], spec.host[1] - spec.host[0] if spec.host else 0
    return max(inside, outside) + 1


class _Spec(NamedTuple):
    address: str
    host: tuple[int, int] | None
    container: tuple[int, int]
    protocol: str


def _parse_spec(text: str, legacy: bool) -> _Spec | str:
    """The parts of an entry, or docker's message."""
    before, _, container = text.rpartition(":")
    address, _, host = before.rpartition(":")
    container, protocol = _split_protocol(container)
    checked = _address(address, legacy)
    if isinstance(checked, GrammarError):
        return checked.told
    if not container:
        return f"no port specified: {text}<empty>"
    inside = _range(container)
    if inside is None:
        return f"invalid containerPort: {container}"
    outside = _range(host) if host else None
    if host and outside is None:
        return f"invalid hostPort: {host}"
    if outside and inside[0] != inside[1] and inside[1] - inside[0] != outside[1] - outside[0]:
        return f"invalid ranges specified for container and host Ports: {container} and {host}"
    if protocol.lower() not in PROTOCOLS:
        return f"invalid proto: {protocol}"
    return _Spec(checked, outside, inside, protocol.lower())


def _split_protocol(text: str) -> tuple[str, str]:
    """`80/udp` → 80, udp. Go takes nothing after it for tcp, and does not look behind a second slash."""
    port, *protocol = text.split("/", 2)
    return port, (protocol[0] if protocol and protocol[0] else "tcp")


def _range(text: str) -> tuple[int, int] | None:
    """`8000-8010`, or one port as a range of one. What stands behind a second dash is not read."""
    low, _, rest = text.partition("-")
    first = _port(low)
    last = _port(rest.partition("-")[0]) if "-" in text else first
    return (first, last) if first is not None and last is not None and first <= last else None


def _port(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= 5 and int(digits) <= 65535 else None


def _address(text: str, legacy: bool) -> str | GrammarError:
    """The IP address without its brackets. Go's net.SplitHostPort is asked about the text with a colon behind it."""
    if not text:
        return text
    if legacy or text[0] == "[":
        fault = _unsplittable(text + ":")
        if fault:
            kind = "ip" if legacy else "IP"
            return GrammarError(f"invalid {kind} address {text}: address {text}:: {fault}")
        text = text[1:-1] if text[0] == "[" else text
    if text and not is_ip(text):
        return GrammarError(f"invalid {'ip' if legacy else 'IP'} address: {text}")
    return text


def _unsplittable(text: str) -> str:
    """Why net.SplitHostPort does not take a text that ends in a colon, or nothing."""
    host = text[:-1]
    if host.startswith("["):
        end = host.find("]")
        if end < 0:
            return "missing ']' in address"
        if end + 1 != len(host):
            return "too many colons in address" if host[end + 1] == ":" else "missing port in address"
        host = host[1:end]
    elif ":" in host:
        return "too many colons in address"
    if "[" in host:
        return "unexpected '[' in address"
    return "unexpected ']' in address" if "]" in host else ""


def is_ip(text: str) -> bool:
    """Whether Go's net.ParseIP takes it: no zone, no zeros in front of IPv4 numbers."""
    import ipaddress

    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _ignored_address(spec: _Spec, target: int, first: int, last: int, legacy: bool) -> str:
    """What the client logs when it drops the address (the service listens on all)."""
    if not spec.address:
        return ""
    host = "" if not spec.host else str(first) if first == last else f"{first}-{last}"
    if legacy:
        if spec.address == "0.0.0.0":
            return ""
        where = f"{spec.address}:{host}"
    else:
        import ipaddress

        if int(ipaddress.ip_address(spec.address)) == 0:
            return ""
        where = f"[{spec.address}]:{host}" if ":" in spec.address else f"{spec.address}:{host}"
    return f"ignoring IP-address ({where}:{target}/{spec.protocol}) service will listen on '0.0.0.0'"
