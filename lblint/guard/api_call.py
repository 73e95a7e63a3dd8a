"""A call of the Engine API: whether it makes or changes a service, and the spec that it carries.

Sources: moby api/server/router/swarm (the two routes), gorilla/mux (what path a route matches), Go's encoding/json
(which keys a field takes), moby daemon/cluster/services.go (`rollback`), pkg/authorization/authz.go (which bodies a
plugin is shown).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lblint.lazy_re import pattern
from lblint.records import NamedTuple

LARGEST = 8 * 1024 * 1024
"""Bytes of a body that is read. Managers take no spec of 4 MiB (grpc's limit of a message)."""

_PATH = pattern(r"(?:/v[^/]*)?/services/(?:(create)|(.+)/update)", re.IGNORECASE | re.DOTALL)
_SCHEME = pattern(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_MAPS = frozenset(("Labels", "Options", "DriverOpts", "Sysctls", "GenericResources"))
"""Fields whose keys are the user's own."""
_FIELDS = (
    "Name", "Labels", "TaskTemplate", "ContainerSpec", "Image", "Secrets", "Configs", "SecretName", "ConfigName",
    "Networks", "Target", "Aliases", "EndpointSpec", "Mode", "Ports", "Protocol", "TargetPort", "PublishedPort",
    "PublishMode", "Replicated", "Replicas", "Global", "ReplicatedJob", "GlobalJob",
)  # fmt: skip
_FOLDED = {field.casefold(): field for field in _FIELDS}


class Call(NamedTuple):
    """A call as the daemon would get it. `uri` is the target of the request line, query and all.

    `body` is None where it is not shown: the daemon shows a plugin no body of 1 MiB or more, and none that is not
    JSON by its `content_type`. `user` is the name in the client's certificate, "" for none.
    """

    method: str
    uri: str
    content_type: str = ""
    body: bytes | None = None
    user: str = ""


class Change(NamedTuple):
    """What a call does to a service: `service` is the name or id of one that is updated, "" for a new one.

    `asks_rollback` and `sends_spec` say which spec becomes the service's: the one that it had before, or the body. Both
    are true where the query says both.
    """

    service: str
    asks_rollback: bool
    sends_spec: bool


class BadBodyError(Exception):
    """The body is not one that is surely read as the managers read it; the text says why, as the end of a sentence."""


def change(call: Call) -> Change | None:
    """Return what a call does to a service; None only for a call that surely does nothing to one.

    Whatever the daemon could take for one of the two calls counts: the path is compared without the case of its
    letters, with and without its escapes, and without the slashes and dots that the daemon cleans away.
    """
    from urllib.parse import parse_qsl, unquote

    if call.method.upper() != "POST":
        return None
    scheme = _SCHEME.match(call.uri)
    path, _, query = call.uri[scheme.end() if scheme else 0 :].partition("#")[0].partition("?")
    match = _PATH.fullmatch(_clean(unquote(path))) or _PATH.fullmatch(_clean(path))
    if match is None:
        return None
    rollbacks = [value for key, value in parse_qsl(query.replace(";", "&")) if key == "rollback"]
    back = [value == "previous" for value in rollbacks]
    return Change(match[2] or "", any(back), not back or not all(back))


def _clean(path: str) -> str:
    """A path without `.`, `..`, empty steps and a slash at its end, as gorilla/mux cleans it before it matches."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/" + "/".join(steps)


def spec_of(call: Call) -> dict[str, Any]:
    """Return the spec in the body of a call. Raises `BadBodyError` for a body that is not shown, not JSON, or that Go
    could read otherwise: keys that are written twice, or not as the API documents them."""
    import json

    if call.body is None or not call.body:
        kind = call.content_type.partition(";")[0].strip()
        if call.body is None and kind and kind.casefold() != "application/json":
            raise BadBodyError(f"it was sent as {_printable(kind)}, so that the daemon does not show it: send JSON")
        if call.body is None:
            raise BadBodyError("the daemon does not show bodies of 1 MiB or more, or it is empty: send a smaller spec")
        raise BadBodyError("it is empty")
    if len(call.body) > LARGEST:
        raise BadBodyError("it is larger than what managers take")
    try:
        spec = json.loads(call.body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise BadBodyError("it is not UTF-8") from None
    except RecursionError:
        raise BadBodyError("it is nested too deeply") from None
    except ValueError as error:
        raise BadBodyError(f"it is not JSON as a client writes it ({_printable(str(error))})") from None
    if not isinstance(spec, dict):
        raise BadBodyError("it is not a JSON object")
    _check_fields(spec)
    return spec


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {_printable(twice)} is written twice")
    return made


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _check_fields(value: Any) -> None:
    """Go takes `labels` for `Labels`; what is read by its documented name would not be seen."""
    if isinstance(value, list):
        for item in value:
            _check_fields(item)
    elif isinstance(value, dict):
        for key, below in value.items():
            field = _FOLDED.get(key.casefold(), key)
            if field != key:
                raise BadBodyError(f"managers read its key {_printable(key)} as {field}: write {field}")
            if key not in _MAPS:
                _check_fields(below)


def previous_spec(service: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the spec that a service (the answer of `GET /services/ID`) had before; None where it had none: then the
    manager refuses to roll back."""
    before = service.get("PreviousSpec")
    return before if isinstance(before, dict) else None


def has_labels(spec: Mapping[str, Any]) -> bool:
    """Whether a spec bears labels of Interlock: without them the proxy has nothing of the service."""
    labels = spec.get("Labels")
    return isinstance(labels, dict) and any(key.strip().casefold().startswith("com.docker.lb") for key in labels)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:80])
