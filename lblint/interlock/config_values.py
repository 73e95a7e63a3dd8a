"""What Interlock's core and the managers accept as the value of a setting of the core or of an extension.

Each validator gets a value of the right type; of a list it gets each item.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Severity
from lblint.interlock.value_problems import Problem, shown
from lblint.lazy_re import pattern
from lblint.stack.faults import GrammarError
from lblint.stack.image_reference import parse_name
from lblint.stack.units import parse_duration

MODES = ("ingress", "host")
_SERVICE = pattern(r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?")
_NETWORK = pattern(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_IMAGE = "write a repository in lower case, with a tag if needed: name:tag"


def _core(value: str, kind: str, says: str, write: str = "", hint: str = "") -> Problem:
    """Return a problem that stops the core or what it creates."""
    return Problem(kind, 0, len(value), says, write, Severity.ERROR, Breaks.DEPLOY, hint)


def check_anything(value: object) -> Iterator[Problem]:
    """Nothing is known to be wrong."""
    yield from ()


def check_address(value: str) -> Iterator[Problem]:
    """An address to listen on (Go net.Listen)."""
    if not pattern(r"[^\s]*:[0-9]{1,5}").fullmatch(value):
        write = f":{value}" if pattern(r"[0-9]{1,5}").fullmatch(value) else ""
        says = f"{shown(value)} is not an address with a colon and a port"
        yield _core(value, "address", says, write, "" if write else "write a colon and a port number")


def check_duration(value: str) -> Iterator[Problem]:
    """A duration as Go reads it."""
    read = parse_duration(value)
    if isinstance(read, GrammarError):
        match = pattern(r"([0-9]+) ?(sec|secs|seconds|min|minutes)?").fullmatch(value)
        write = match[1] + ("m" if match[2] and match[2][0] == "m" else "s") if match else ""
        says = f"{shown(value)} is not a valid duration"
        yield _core(value, "duration", says, write, "" if write else "write numbers with the units h, m, s or ms")
    elif read < 0:
        yield _core(value, "duration", f"{shown(value)} is negative", value.lstrip("-"))


def check_image(value: str) -> Iterator[Problem]:
    """The name of an image (distribution/reference)."""
    read = parse_name(value) if value else GrammarError("invalid reference format")
    if isinstance(read, GrammarError):
        says = f"{shown(value)} is not a valid image name" if value else "the image name is empty"
        yield _core(value, "image", says, hint=_IMAGE)


def check_service(value: str) -> Iterator[Problem]:
    """The name of a Swarm service (swarmkit manager/controlapi validateAnnotations); "" is Interlock's own."""
    if value and not _SERVICE.fullmatch(value):
        yield _core(value, "service", f"{shown(value)} is not a valid service name",
                    hint="use at most 63 letters, digits, - and _, with a letter or digit at both ends")  # fmt: skip


def check_network(value: str) -> Iterator[Problem]:
    """The name of a network."""
    if not _NETWORK.fullmatch(value):
        says = f"{shown(value)} is not a valid network name"
        yield _core(value, "network", says, hint="write the name that docker network ls shows")


def check_cluster(value: str) -> Iterator[Problem]:
    """The name of a service cluster, which labels repeat to the letter."""
    if value != value.strip():
        yield Problem("space", 0, len(value), f"{shown(value)} has spaces around it", value.strip(),
                      Severity.WARNING, Breaks.ROUTE)  # fmt: skip


def check_mode(value: str) -> Iterator[Problem]:
    """`PublishMode`."""
    if value not in MODES:
        write = value.strip().lower() if value.strip().lower() in MODES else ""
        yield Problem("mode", 0, len(value), f"{shown(value)} is neither ingress nor host", write, Severity.WARNING,
                      Breaks.PROXY, "" if write else "write ingress or host")  # fmt: skip


def check_published(value: int) -> Iterator[Problem]:
    """A port on the nodes; with 0 a manager picks one (swarmkit allocator)."""
    if value == 0:
        says = "with port 0 the manager chooses a port that clients do not know"
        yield Problem("zero", 0, 1, says, "", Severity.WARNING, Breaks.PROXY, "write the port that clients use")
    else:
        yield from check_target(value)


def check_target(value: int) -> Iterator[Problem]:
    """A port in the proxy's container."""
    if not 1 <= value <= 65535:
        yield _core(str(value), "port", f"{value} is not a valid port", hint="write a port from 1 to 65535")


def check_replicas(value: int) -> Iterator[Problem]:
    """How many proxies there are."""
    if value < 0:
        yield _core(str(value), "replicas", f"{value} is not a number of proxies", "2")
    elif value == 0:
        yield Problem("zero", 0, 1, "with 0 replicas no proxy runs", "2", Severity.WARNING,
                      Breaks.PROXY)  # fmt: skip


def check_signal(value: str) -> Iterator[Problem]:
    """A signal (moby/sys signal.ParseSignal), "" for the image's own."""
    if value and not pattern(r"(?:SIG)?[A-Za-z]+[0-9]?(?:[+-][0-9]+)?|[0-9]{1,2}").fullmatch(value):
        says = f"{shown(value)} is not a signal"
        yield Problem("signal", 0, len(value), says, "SIGQUIT", Severity.WARNING, Breaks.PROXY)


def check_config_path(value: str) -> Iterator[Problem]:
    """The path of the proxy's config in its container."""
    if not value.startswith("/"):
        yield _core(value, "path", f"{shown(value)} is not an absolute path", "/etc/nginx/nginx.conf")
