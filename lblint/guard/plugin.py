"""The protocol of a Docker authorization plugin: HTTP with JSON over a socket that dockerd calls.

Sources: moby pkg/authorization/api.go and plugin.go, pkg/plugins/client.go. dockerd asks twice for each call, before
and after it; the second answer changes nothing here, but tells that a service has changed.
"""

from __future__ import annotations

import base64
import binascii
import errno
import http.server
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from typing import Any

from lblint.guard.api_call import LARGEST, Call, change
from lblint.guard.authorization import Authorizer, Outcome

MOST_THREADS = 256
"""Calls that are served at a time; further ones wait in the socket's queue."""
ANSWER = 3.0
"""Seconds in which a guard says what it does."""
SCHEMA = 1
"""The number of the form in which a guard says what it does (docs/guard.md)."""
QUEUE = 128
"""Connections that wait to be accepted; dockerd tries again for 30 seconds."""
_MOST_BYTES = 2 * LARGEST
"""Bytes of a request of dockerd's: a body in base64, and headers."""
_JSON = "application/vnd.docker.plugins.v1.1+json"


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of dockerd's, which keeps it for several calls."""

    protocol_version = "HTTP/1.1"
    server: Plugin
    timeout = 600
    """Seconds for which a connection may be silent."""

    def address_string(self) -> str:
        """There is none on a unix socket."""
        return "dockerd"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what counts is logged by the authorizer."""

    def do_GET(self) -> None:
        """Answer `lblint guard status`."""
        if self.path == "/status":
            self._answer(200, self.server.status())
        else:
            self._answer(404, {"Err": "there is no such path"})

    def do_POST(self) -> None:
        """Answer dockerd."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            self.close_connection = True
            self._answer(200, refusal("lblint refuses this call: the daemon did not say how large it is, or too large"))
            return
        body = self.rfile.read(int(length))
        if self.path == "/Plugin.Activate":
            self._answer(200, {"Implements": ["authz"]})
        elif self.path == "/AuthZPlugin.AuthZReq":
            self._answer(200, self._authorized(body))
        elif self.path == "/AuthZPlugin.AuthZRes":
            self._done(body)
            self._answer(200, {"Allow": True})
        else:
            self._answer(404, {"Err": "there is no such path"})

    def _authorized(self, body: bytes) -> dict[str, Any]:
        try:
            call = read_call(body)
        except ValueError as error:
            return refusal(f"lblint refuses this call, as it does not understand the daemon: {error}")
        outcome: Outcome = self.server.authorizer.authorize(call)
        return {"Allow": True} if outcome.allowed else refusal(outcome.decision.message)

    def _done(self, body: bytes) -> None:
        try:
            call = read_call(body)
        except ValueError:
            return
        if change(call) is not None:
            self.server.changed()

    def _answer(self, status: int, document: Mapping[str, Any]) -> None:
        import json

        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", _JSON)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def refusal(message: str) -> dict[str, Any]:
    """Return the answer that dockerd shows its client as `authorization denied by plugin lblint: MESSAGE`."""
    return {"Allow": False, "Msg": message}


def read_call(body: bytes) -> Call:
    """Return the call that a request of dockerd's is about. Raises `ValueError` for what is none."""
    import json

    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(asked, dict):
        raise ValueError("it is no JSON object")
    texts = {key: asked.get(key) or "" for key in ("RequestMethod", "RequestUri", "User", "RequestBody")}
    headers = asked.get("RequestHeaders") or {}
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(headers, dict):
        raise ValueError("its fields are of other types")
    if not texts["RequestMethod"] or not texts["RequestUri"]:
        raise ValueError("it names no method and path")
    kinds = [value for key, value in headers.items() if key.casefold() == "content-type"]
    try:
        shown = base64.b64decode(texts["RequestBody"], validate=True) if texts["RequestBody"] else None
    except binascii.Error:
        raise ValueError("its body is not base64") from None
    kind = kinds[0] if kinds and isinstance(kinds[0], str) else ""
    return Call(texts["RequestMethod"], texts["RequestUri"], kind, shown, texts["User"])


class Plugin(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves a socket that listens already, with a bounded number of threads."""

    daemon_threads = True

    def __init__(
        self,
        listening: socket.socket,
        authorizer: Authorizer,
        changed: Callable[[], None],
        status: Callable[[], Mapping[str, Any]],
        wrap: Callable[[socket.socket], socket.socket] = lambda accepted: accepted,
    ) -> None:
        """`changed` is called after a call that could have changed a service, `status` where its state is asked for;
        `wrap` makes a connection of one that was accepted, as TLS does."""
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.authorizer, self.changed, self.status = listening, authorizer, changed, status
        self._wrap = wrap
        self._slots = threading.BoundedSemaphore(MOST_THREADS)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, once there is a thread for it."""
        self._slots.acquire()
        try:
            return self.socket.accept()
        except BaseException:
            self._slots.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, in a thread of its own: a handshake that hangs holds up nobody else."""
        try:
            request.settimeout(Handler.timeout)
            super().process_request_thread(self._wrap(request), client_address)
        except OSError:
            self.shutdown_request(request)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a connection that breaks is dockerd's to make again."""


def listening_on(path: str) -> socket.socket:
    """Return a unix socket that listens at a path; one there that nobody serves is replaced, and folders are made.

    Raises `OSError`, `FileExistsError` where somebody serves it.
    """
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if os.path.exists(path):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
                try:
                    tried.connect(path)
                except ConnectionRefusedError:
                    os.unlink(path)
                else:
                    raise FileExistsError(errno.EEXIST, "another guard serves it", path)
        made.bind(path)
        os.chmod(path, 0o600)
        made.listen(QUEUE)
    except BaseException:
        made.close()
        raise
    return made


def inherited() -> socket.socket | None:
    """Return the socket that systemd has handed over (sd_listen_fds(3)); None where there is none."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=3)


def asked(path: str) -> dict[str, Any]:
    """Return what the guard at a socket says of itself. Raises `OSError` where none answers within some seconds, and
    `ValueError` where it is no guard."""
    import http.client
    import json

    class Connection(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(ANSWER)
            self.sock.connect(path)

    connection = Connection("guard")
    try:
        connection.request("GET", "/status")
        answer = connection.getresponse()
        state = json.loads(answer.read()) if answer.status == 200 else None
    except http.client.HTTPException as error:
        raise ValueError(f"it does not speak HTTP ({type(error).__name__})") from None
    finally:
        connection.close()
    if not isinstance(state, dict) or state.get("schema") != SCHEMA:
        raise ValueError("it is no guard")
    return state
