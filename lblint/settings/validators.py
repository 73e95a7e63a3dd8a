"""What is wrong with a text of `.lblint.yml`: one function for each kind, a sentence or "" for nothing."""

from __future__ import annotations

from lblint.lazy_re import pattern
from lblint.settings import path_patterns as globs

MOST = 4000
"""Longest text, in characters."""
_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_DOMAIN = pattern(rf"(?:\*\.)?{_PART}(?:\.{_PART})*")
_VARIABLE = pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_NETWORK = pattern(r"[A-Za-z0-9_.*-]+")
_CLUSTER = pattern(r"[A-Za-z0-9_.-]+")


def any_text(text: str) -> str:
    """Any text, also none."""
    if len(text) > MOST:
        return f"it is longer than {MOST} characters"
    odd = next((char for char in text if ord(char) < 32 or ord(char) == 127), "")
    return f"it contains the control character U+{ord(odd):04X}" if odd else ""


def text(value: str) -> str:
    """Any text but none."""
    return any_text(value) if value.strip() else "it is empty"


def glob(value: str) -> str:
    """A pattern of paths."""
    return globs.fault(value)


def file(value: str) -> str:
    """One of the files of a stack, which is no pattern."""
    if problem := text(value):
        return problem
    return "it is stdin, which has no path" if value == "-" else ""


def stack_name(value: str) -> str:
    """A name that a stack can be deployed under."""
    from lblint.swarm.name_grammar import is_stack_name

    return "" if is_stack_name(value) else "no service or network of a stack of this name can be created"


def stack_name_or_star(value: str) -> str:
    """The same, with one `*` for a part of the path."""
    return "it has more than one *" if value.count("*") > 1 else stack_name(value.replace("*", "x"))


def client(value: str) -> str:
    """A version of the docker client."""
    from lblint.stack.docker_versions import parse

    return (
        ""
        if value and parse(value) is not None
        else "it is not a version of the docker client, such as 20.10 or 28.2.2"
    )


def interlock_version(value: str) -> str:
    """A version of UCP or MKE."""
    from lblint.interlock.version import parse_version, without_interlock

    version = parse_version(value)
    return without_interlock(version) if version else "it is not a version of UCP or MKE, such as 3.2.3 or 3.8"


def domain(value: str) -> str:
    """A host name, or `*.` and one."""
    if len(value) <= 255 and _DOMAIN.fullmatch(value):
        return ""
    if "*" in value:
        return "a * is allowed only at the beginning, followed by a dot"
    return "it is not a host name: use letters, digits, hyphens and dots, without http://, port and path"


def cluster(value: str) -> str:
    """A value of com.docker.lb.service_cluster."""
    return "" if _CLUSTER.fullmatch(value) else "it is not a name of letters, digits, dots, hyphens and underscores"


def collection(value: str) -> str:
    """The path of a collection of UCP, as com.docker.ucp.access.label has it."""
    if not value.startswith("/"):
        return "it is not the path of a collection, such as /prod"
    return any_text(value)


def network(value: str) -> str:
    """The Swarm name of a network, or a pattern of such names."""
    return "" if _NETWORK.fullmatch(value) else "it is not a name of letters, digits, dots, hyphens and underscores"


def variable(value: str) -> str:
    """The name of a variable."""
    return "" if _VARIABLE.fullmatch(value) else "it is not the name of a variable"
