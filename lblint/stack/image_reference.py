"""Image references: what docker takes for the name of an image, and what it says otherwise."""

from __future__ import annotations

from functools import lru_cache

from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.faults import GrammarError

_COMPONENT = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_COMPONENT}(?:\.{_COMPONENT})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_SEGMENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = rf"{_SEGMENT}(?:/{_SEGMENT})*"
_TAG = r"[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = pattern(rf"(?:({_DOMAIN})/)?({_PATH})(?::({_TAG}))?(?:@({_DIGEST}))?")
_IDENTIFIER = pattern(r"[a-f0-9]{64}")
_DIGEST_FORMAT = pattern(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_ALGORITHMS = {"sha256": 64, "sha384": 96, "sha512": 128}
_HUB = "docker.io"
_LONGEST_PATH = 255
_USUAL = 200
"""Texts below this length are read once: several rules ask for the same, and stacks share their images."""


class Reference(NamedTuple):
    """An image's name in full: `nginx` is `docker.io/library/nginx`. A bare digest or identifier has only `digest`."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""


def parse_reference(text: str) -> Reference | GrammarError:
    """Read an image as client 28.2 and later check it before they create anything.

    An identifier of 64 hexadecimal digits passes here, but no manager takes it: see `parse_name`.
    Source: distribution/reference ParseAnyReference; docker/cli cli/command/stack/loader/loader.go.
    """
    if _IDENTIFIER.fullmatch(text):
        return Reference("", "", digest="sha256:" + text)
    if _digest_fault(text) is None:
        return Reference("", "", digest=text)
    return parse_name(text)


def parse_name(text: str) -> Reference | GrammarError:
    """Read an image as a manager does (distribution/reference ParseNormalizedNamed; swarmkit
    manager/controlapi/service.go validateImage)."""
    return _cached(text) if len(text) < _USUAL else _parsed(text)


def _parsed(text: str) -> Reference | GrammarError:
    if _IDENTIFIER.fullmatch(text):
        return GrammarError(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    domain, rest = _split_domain(text)
    remote = rest.partition(":")[0]
    if _lower(remote) != remote:
        return GrammarError(f"invalid reference format: repository name ({remote}) must be lowercase")
    match = _REFERENCE.fullmatch(f"{domain}/{rest}")
    if match is None:
        if _REFERENCE.fullmatch(_lower(f"{domain}/{rest}")):
            return GrammarError("repository name must be lowercase")
        return GrammarError("invalid reference format")
    reference = Reference(match[1] or "", match[2], match[3] or "", match[4] or "")
    if len(reference.path) > _LONGEST_PATH:
        return GrammarError(f"repository name must not be more than {_LONGEST_PATH} characters")
    fault = _digest_fault(reference.digest) if reference.digest else None
    return GrammarError(fault) if fault else reference


_cached = lru_cache(maxsize=1000)(_parsed)


def _split_domain(text: str) -> tuple[str, str]:
    """The registry and the rest. What stands before the first slash is a registry only if it looks like a host."""
    first, slash, rest = text.partition("/")
    if not slash:
        return _HUB, "library/" + text
    if first == "index.docker.io":
        first = _HUB
    elif first != "localhost" and "." not in first and ":" not in first and _lower(first) == first:
        first, rest = _HUB, text
    if first == _HUB and "/" not in rest:
        rest = "library/" + rest
    return first, rest


def _digest_fault(text: str) -> str | None:
    """Why a text is no digest (opencontainers/go-digest Validate), or None."""
    algorithm, colon, encoded = text.partition(":")
    if not algorithm or not colon or not encoded:
        return "invalid checksum digest format"
    size = _ALGORITHMS.get(algorithm)
    if size is None:
        return "unsupported digest algorithm" if _DIGEST_FORMAT.fullmatch(text) else "invalid checksum digest format"
    if len(encoded.encode("utf-8", "surrogatepass")) != size:
        return "invalid checksum digest length"
    return None if pattern(r"[a-f0-9]+").fullmatch(encoded) else "invalid checksum digest format"


def _lower(text: str) -> str:
    """Lower case one character at a time, as Go's strings.ToLower."""
    return text.lower() if text.isascii() else "".join(char.lower()[0] for char in text)
