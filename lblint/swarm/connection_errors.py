"""What went wrong with a daemon, in a sentence that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

from lblint.installation import missing_package
from lblint.swarm.api_decode import OddAnswerError
from lblint.swarm.endpoint import Endpoint

_LONGEST = 300
"""Longest piece of a foreign message that is quoted, in characters."""


def sentence(error: BaseException, endpoint: Endpoint, what: str) -> str:
    """The sentence on an exception of the SDK, or of what it is built on, met while asking for `what`."""
    at = f"the daemon at {endpoint.shown}"
    status = _status(error)
    message = _quoted(_explanation(error))
    if status is not None and without_leader(message):
        return leaderless(at, message)
    if status in (406, 503) and "swarm" in message:
        return not_a_manager(at, message)
    if status in (401, 403):
        return f"{at} refuses {what} ({message}): ask for the right to read it, or use an account that has it"
    target = _redirect(error)
    if target:
        return (
            f"{at} redirects {what} to {_quoted(target)}, which docker never does and lblint does not follow: is it "
            "the address of a docker daemon?"
        )
    if status is not None and status < 400:
        return f"{at} answers {what} with what is no answer of docker's: is it the address of a docker daemon?"
    if status is not None:
        return f"{at} answers {what} with an error {status} ({message}): see the daemon's log"
    for cause in _causes(error):
        known = _known(cause, endpoint)
        if known:
            return known
    if any(isinstance(cause, OddAnswerError) for cause in _causes(error)):
        return f"{at} answers {what} in a form that is not known ({_quoted(error)}): is it docker's own?"
    kinds = {type(cause).__name__ for cause in _causes(error)}
    if kinds & {"ReadTimeout", "ReadTimeoutError", "ConnectTimeout", "ConnectTimeoutError", "TimeoutError"}:
        return f"{at} is too slow: no answer to {what} in time"
    if kinds & {"SSLError", "SSLCertVerificationError", "TLSParameterError"}:
        return f"{at} cannot be reached by TLS ({_quoted(_of_tls(error))}): see DOCKER_TLS_VERIFY and DOCKER_CERT_PATH"
    if kinds & {"JSONDecodeError", "UnicodeDecodeError", "ContentDecodingError", "BadStatusLine", "RecursionError"}:
        return f"{at} answers {what} with what is no answer of docker's: is it the address of a docker daemon?"
    if kinds & {"RemoteDisconnected", "IncompleteRead", "ChunkedEncodingError", "ProtocolError"}:
        return f"{at} went away while it was asked for {what}: see whether it still runs, and try again"
    return f"{at} cannot be asked for {what}: {_quoted(error)}"


def without_leader(message: str) -> bool:
    """Whether the words of a daemon say that the managers have no leader (swarmkit manager/state/raft, api/proxy; sent
    with the status 500 or 503, by version)."""
    return any(words in message.lower() for words in ("does not have a leader", "no elected cluster leader"))


def leaderless(at: str, message: str) -> str:
    """The sentence on managers without a leader; `at` is the daemon, `said` its words."""
    return f"{at} has no Swarm leader ({message}): bring more than half of the managers online, and try again"


def not_a_manager(at: str, message: str) -> str:
    """The sentence on a daemon that is not a manager; `at` is the daemon, `said` its words."""
    return f"{at} is not a Swarm manager ({message}): name a manager with --host or --context"


def is_refusal(error: BaseException) -> bool:
    """Whether it is not the daemon's state but the right of whoever asks that is in the way."""
    return _status(error) in (401, 403)


def _known(error: BaseException, endpoint: Endpoint) -> str:
    shown = endpoint.shown
    if isinstance(error, ImportError):
        return missing_package(error)
    if isinstance(error, FileNotFoundError | ConnectionRefusedError):
        return f"no docker daemon at {shown}: start it, or name another with --host or --context"
    if isinstance(error, PermissionError):
        return f"{shown} may not be used by this user: join the group docker, or name another with --host or --context"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return f"the daemon at {shown} went away while it was asked: see whether it still runs, and try again"
    if type(error).__name__ in ("gaierror", "NameResolutionError"):
        return f"the host of {shown} is not known: see its spelling"
    if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL):
        return f"the host of {shown} is not reached ({error.strerror})"
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that it was made of, whichever way its library keeps them."""
    todo, seen = [error], set()
    while todo:
        cause = todo.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        parts = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        todo.extend(part for part in parts if isinstance(part, BaseException))


def _status(error: BaseException) -> int | None:
    """The HTTP status of an error that the daemon itself reported."""
    for cause in _causes(error):
        status = getattr(getattr(cause, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
    return None


def _redirect(error: BaseException) -> str:
    """Where the daemon sent the request on to; "" where it did not."""
    for cause in _causes(error):
        response: Any = getattr(cause, "response", None)
        if getattr(response, "is_redirect", False):
            return str(response.headers.get("location", ""))
    return ""


def _explanation(error: BaseException) -> object:
    return next((cause for cause in map(_said, _causes(error)) if cause), error)


def _said(error: BaseException) -> object:
    return getattr(error, "explanation", None)


def _of_tls(error: BaseException) -> object:
    """The words of OpenSSL or the SDK, out of all that stands around them."""
    messages = (getattr(cause, "verify_message", None) for cause in _causes(error))
    return next((message for message in messages if message), error)


def _quoted(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
