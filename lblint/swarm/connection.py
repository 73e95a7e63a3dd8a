"""A connection to a daemon through the docker SDK, which is imported here and only when somebody connects."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from lblint.records import NamedTuple
from lblint.swarm.api_decode import OddAnswerError, text
from lblint.swarm.connection_errors import is_refusal, sentence
from lblint.swarm.endpoint import Endpoint, choose
from lblint.swarm.errors import RefusedError, SwarmError

if TYPE_CHECKING:
    from lblint.swarm.ssh import Tunnel

Answer = TypeVar("Answer")

ONE_CALL = 20
"""Seconds that one call may be silent."""
LOCAL = "unix:///var/run/docker.sock"
"""Where the client looks without being told, and not on Windows."""
OLDEST = (1, 31)
"""The API of Docker 17.06.2, the first that tells a network's scope apart; UCP 3 begins with 1.35."""


class Swarm(NamedTuple):
    """A daemon that answered. `client` is the SDK's docker.APIClient; `api` the version that is spoken with it;
    `tunnel` leads to one behind ssh."""

    endpoint: Endpoint
    client: Any
    api: tuple[int, int]
    tunnel: Tunnel | None = None

    @property
    def shown(self) -> str:
        """Its address, for messages."""
        return self.endpoint.shown

    @contextlib.contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Turn all that goes wrong inside into `SwarmError`; `what` is what was asked for ("the list of nodes")."""
        with _asking(self.endpoint, what, self.tunnel):
            yield

    def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(Exception):
            self.client.close()
        if self.tunnel:
            self.tunnel.close()


def connect(
    context: str | None = None,
    host: str | None = None,
    env: Mapping[str, str] | None = None,
    *,
    one_call: float = ONE_CALL,
    limit: float = 30,
) -> Swarm:
    """Connect to the daemon that `docker --context CONTEXT --host HOST` would talk to in `env` (None: the process's).

    `one_call` is how many seconds a call may be silent, also later, and `limit` how many the connecting may last.
    Raises `SwarmError` where there is no such daemon, it does not answer as docker, or is too old.
    """
    endpoint = choose(context, host, os.environ if env is None else env)
    tunnel = None
    if endpoint.host.startswith("ssh://"):
        from lblint.swarm.ssh import Tunnel

        with _asking(endpoint, "its version"):
            tunnel = Tunnel(endpoint.host)
    try:
        return within(limit, endpoint, lambda: _connect(endpoint, one_call, tunnel))
    except BaseException:
        if tunnel:
            tunnel.close()
        raise


def _connect(endpoint: Endpoint, one_call: float, tunnel: Tunnel | None) -> Swarm:
    with _asking(endpoint, "its version", tunnel):
        _see_socket(endpoint)
        import docker
        from docker.tls import TLSConfig

        tls: Any = False
        if endpoint.tls is not None and not endpoint.host.startswith(("unix://", "npipe://", "ssh://")):
            ca, cert, key, verify = endpoint.tls
            pair = (cert, key) if cert and key else None
            tls = TLSConfig(client_cert=pair, ca_cert=ca or None, verify=verify)
            if not verify:  # as the user wants it: docker does not warn either
                import urllib3

                urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

        def client(api: tuple[int, int]) -> Any:
            version = f"{api[0]}.{api[1]}"
            address = tunnel.address if tunnel else _address(endpoint)
            # The SDK keeps a connection for each path, and sshd takes ten over one login.
            made = docker.APIClient(address, version, timeout=one_call, tls=tls, num_pools=9)
            made.max_redirects = 0  # a daemon that redirects is not docker's, and its target was not asked for
            made.trust_env = False  # or REQUESTS_CA_BUNDLE goes before the CA that docker was given
            return made

        first = client(OLDEST)
        try:
            api = _version(first.version(api_version=False))
        finally:
            first.close()
        if api >= OLDEST:
            return Swarm(endpoint, client(api), api, tunnel)
    raise SwarmError(
        f"the daemon at {endpoint.shown} speaks API {api[0]}.{api[1]}, and {OLDEST[0]}.{OLDEST[1]} is needed: "
        "its docker is older than 17.06.2, update it"
    )


def _see_socket(endpoint: Endpoint) -> None:
    """Raise `FileNotFoundError` where there is no such unix socket, before the SDK opens one and forgets it."""
    host = endpoint.host or ("" if endpoint.tls or os.name == "nt" else LOCAL)
    path = host.removeprefix("unix://")
    if host.startswith("unix:///") and not os.path.exists(path):
        raise FileNotFoundError(path)


def _version(answer: Any) -> tuple[int, int]:
    major, _, minor = text(answer, "ApiVersion").partition(".")
    if not (major + minor).isascii() or not major.isdecimal() or not minor.isdecimal():
        raise OddAnswerError("ApiVersion is no version")
    return int(major), int(minor)


def _address(endpoint: Endpoint) -> str | None:
    """The address as the SDK takes it: like the client, it assumes port 2375, or 2376 with TLS."""
    host = endpoint.host.strip()
    scheme, _, rest = host.partition("://")
    if scheme == "tcp" and rest and ":" not in rest.rpartition("]")[2].partition("/")[0]:
        before, slash, path = rest.partition("/")
        return f"tcp://{before}:{2376 if endpoint.tls else 2375}{slash}{path}"
    if not host and endpoint.tls:
        return "tcp://localhost:2376"
    return host or None


def within(seconds: float, endpoint: Endpoint, work: Callable[[], Answer]) -> Answer:
    """Do something for at most so many seconds; whatever it waits for then is left behind in a thread of its own.

    Raises `SwarmError` when the time is over, and what `work` raises.
    """
    import threading

    done: list[Answer] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise SwarmError(f"the daemon at {endpoint.shown} is too slow: no whole answer within {seconds:g} seconds")
    return done[0]


@contextlib.contextmanager
def _asking(endpoint: Endpoint, what: str, tunnel: Tunnel | None = None) -> Iterator[None]:
    try:
        yield
    except (SwarmError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the SDK lets through what requests, urllib3, json and ssl raise
        message = tunnel.said() if tunnel else ""
        if message:
            raise SwarmError(f"the daemon at {endpoint.shown} is not reached by ssh: {message}") from error
        kind = RefusedError if is_refusal(error) else SwarmError
        raise kind(sentence(error, endpoint, what)) from error
