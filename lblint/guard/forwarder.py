"""A unix socket that stands for a daemon: what comes in is sent on to it, but for calls that are refused.

h11 reads and writes HTTP on both sides, so that what the daemon gets is framed as it was understood here, and each call
has a connection of its own to the daemon: no second call hides behind a first. A connection is handed through as it
is only once the daemon itself has left HTTP (101).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import h11

from lblint.guard.api_call import LARGEST, Call, change
from lblint.guard.decision import Decision

PIECE = 64 * 1024
"""Bytes that are read at a time."""
MOST_CONNECTIONS = 256
"""Connections that are served at a time; further ones wait."""
_HOP = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"te", b"expect"))
"""Header fields that are about one connection (RFC 9110, 7.6.1), and the one that h11 answers here."""

Connect = Callable[[], socket.socket]
"""Opens a connection to the daemon. Raises `OSError` where there is none."""


class _Peer:
    """One side of a call: a socket and what h11 knows of it. One thread may read while another writes."""

    def __init__(self, connected: socket.socket, http: h11.Connection) -> None:
        self.socket, self.http = connected, http
        self._lock = threading.Lock()

    def event(self, unless_gone: _Peer | None = None) -> Any:
        """The next event; `ConnectionClosed` where the peer has gone. Raises `RemoteProtocolError`, and `OSError`, also
        where it is `unless_gone` that goes while nothing comes."""
        while True:
            with self._lock:
                event = self.http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if unless_gone is not None:
                _wait(self.socket, unless_gone.socket)
            data = self.socket.recv(PIECE)
            with self._lock:
                self.http.receive_data(data)

    def send(self, event: Any) -> None:
        """Send an event. Raises `OSError`."""
        with self._lock:
            data = self.http.send(event)
        if data:
            self.socket.sendall(data)


class Forwarder:
    """Serves a unix socket at `path` until it is closed.

    `connect` opens a connection to the daemon; `decide` is asked about each call that makes or changes a service, in
    the thread of its connection.
    """

    def __init__(self, path: str, connect: Connect, decide: Callable[[Call], Decision]) -> None:
        """Raises `OSError` where the socket cannot be made."""
        self._connect, self._decide = connect, decide
        self._slots = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(path)
        os.chmod(path, 0o600)
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more; what is under way goes on until its client ends it."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            self._slots.acquire()
            try:
                accepted, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        try:
            with accepted:
                client = _Peer(accepted, h11.Connection(h11.SERVER, max_incomplete_event_size=1024 * 1024))
                with contextlib.suppress(OSError):
                    while self._call(client):
                        client.http.start_next_cycle()
        finally:
            self._slots.release()

    def _call(self, client: _Peer) -> bool:
        """Serve one call; whether another may follow on the connection."""
        try:
            request = client.event()
            if not isinstance(request, h11.Request):
                return False
            method, uri = request.method.decode("ascii"), request.target.decode("ascii")
            if change(Call(method, uri)) is None:
                self._pass_on(client, request, None)
            else:
                self._judge(client, request, method, uri)
        except h11.RemoteProtocolError as error:
            _answer(client, 400, f"lblint does not hand this call on: {error}")
            return False
        except h11.LocalProtocolError as error:
            _answer(client, 502, f"lblint does not hand this answer on: {error}")
            return False
        http = client.http
        return http.our_state is h11.DONE and http.their_state is h11.DONE

    def _judge(self, client: _Peer, request: h11.Request, method: str, uri: str) -> None:
        body = bytearray()
        while not isinstance(event := client.event(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise h11.RemoteProtocolError("it ends in the middle")
            body += event.data
            if len(body) > LARGEST:
                _answer(client, 413, f"lblint refuses this call: its body is larger than {LARGEST} bytes")
                return
        kind = dict(request.headers).get(b"content-type", b"").decode("latin-1")
        decision = self._decide(Call(method, uri, kind, bytes(body)))
        if decision.allowed:
            self._pass_on(client, request, bytes(body))
        else:
            _answer(client, 403, decision.message)

    def _pass_on(self, client: _Peer, request: h11.Request, body: bytes | None) -> None:
        """Send a call on, with this body or the one that is still to be read, and its answer back."""
        try:
            opened = self._connect()
        except OSError as error:
            _answer(client, 502, f"lblint does not reach the daemon: {error.strerror or error}")
            return
        with opened:
            daemon = _Peer(opened, h11.Connection(h11.CLIENT))
            upgrades = any(name == b"upgrade" for name, _ in request.headers)
            daemon.send(h11.Request(
                method=request.method, target=request.target, headers=list(_headers(request, upgrades, body))
            ))  # fmt: skip
            if body is not None:
                daemon.send(h11.Data(data=body))
                daemon.send(h11.EndOfMessage())
                self._answer_of(daemon, client, watched=True)
                return
            if client.http.they_are_waiting_for_100_continue:
                client.send(h11.InformationalResponse(status_code=100, headers=[]))
            if upgrades or not any(name in (b"content-length", b"transfer-encoding") for name, _ in request.headers):
                _body(client, daemon)
                self._answer_of(daemon, client, watched=True)
                return
            # An answer may begin before the body ends (`docker load`): both run at once.
            sending = threading.Thread(target=_body_until_closed, args=(client, daemon), daemon=True)
            sending.start()
            self._answer_of(daemon, client)
            if client.http.their_state is h11.SEND_BODY:  # the daemon has heard enough
                _shut(client.socket)
            sending.join()

    def _answer_of(self, daemon: _Peer, client: _Peer, watched: bool = False) -> None:
        """Send the daemon's answer to the client; `watched`: the client, whose call is whole, may go before its end."""
        while True:
            try:
                event = daemon.event(client if watched else None)
            except h11.RemoteProtocolError as error:
                raise h11.LocalProtocolError(f"it is not as a daemon answers ({error})") from None
            if isinstance(event, h11.InformationalResponse):
                client.send(event)
                if event.status_code == 101:
                    _tunnel(client, daemon)
                    return
            elif isinstance(event, h11.Response):
                headers = [(name, value) for name, value in event.headers.raw_items() if name.lower() not in _HOP]
                client.send(h11.Response(status_code=event.status_code, headers=headers, reason=event.reason))
            elif isinstance(event, h11.Data | h11.EndOfMessage):
                client.send(event)
                if isinstance(event, h11.EndOfMessage):
                    return
            else:
                raise h11.LocalProtocolError("the daemon ended it in the middle")


def _headers(request: h11.Request, upgrades: bool, body: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """The header fields for the daemon, with one way of framing, and the connection closed after the answer."""
    chunked = any(name == b"transfer-encoding" for name, _ in request.headers)
    for name, value in request.headers.raw_items():
        field = name.lower()
        framing = field == b"content-length" and (chunked or body is not None)
        framing = framing or (field == b"transfer-encoding" and body is not None)
        if not framing and field not in _HOP:
            yield name, value
    if body is not None:
        yield b"Content-Length", str(len(body)).encode()
    yield b"Connection", b"Upgrade" if upgrades else b"close"


def _body(client: _Peer, daemon: _Peer) -> None:
    """Send the rest of a call on, piece by piece."""
    while True:
        event = client.event()
        if isinstance(event, h11.Data | h11.EndOfMessage):
            daemon.send(event)
        if not isinstance(event, h11.Data):
            return


def _body_until_closed(client: _Peer, daemon: _Peer) -> None:
    with contextlib.suppress(OSError, h11.ProtocolError):
        _body(client, daemon)
        return
    _shut(daemon.socket)  # half a body is none: the daemon sees the connection end


def _wait(wanted: socket.socket, watched: socket.socket) -> None:
    """Wait until there is something to read. Raises `ConnectionError` where the other one is closed meanwhile, as a
    client does that follows a log and has seen enough."""
    both = [wanted, watched]
    while True:
        ready, _, _ = select.select(both, [], [])
        if wanted in ready:
            return
        if not watched.recv(1, socket.MSG_PEEK):
            raise ConnectionError("the client has gone")
        both = [wanted]  # it sends its next call already


def _shut(closed: socket.socket) -> None:
    with contextlib.suppress(OSError):
        closed.shutdown(socket.SHUT_RDWR)


def _answer(client: _Peer, status: int, message: str) -> None:
    """Answer as a daemon does that refuses: JSON with a message. Nothing where an answer has begun already."""
    if client.http.our_state not in (h11.SEND_RESPONSE, h11.IDLE):
        return
    import json

    data = json.dumps({"message": message}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
    with contextlib.suppress(OSError, h11.LocalProtocolError):
        client.send(h11.Response(status_code=status, headers=headers))
        client.send(h11.Data(data=data))
        client.send(h11.EndOfMessage())


def _tunnel(client: _Peer, daemon: _Peer) -> None:
    """Hand bytes through both ways, each way until its sender ends it."""
    back = threading.Thread(target=_copy, args=(daemon, client), daemon=True)
    back.start()
    _copy(client, daemon)
    back.join()


def _copy(from_: _Peer, to: _Peer) -> None:
    try:
        data = from_.http.trailing_data[0]
        if data:
            to.socket.sendall(data)
        while data := from_.socket.recv(PIECE):
            to.socket.sendall(data)
    except OSError:
        _shut(from_.socket)
    with contextlib.suppress(OSError):
        to.socket.shutdown(socket.SHUT_WR)
