"""The requests themselves: to one address, with the host in the header and in the SNI. Nothing is followed.

What comes back is bounded in size and time, as it may come from anybody.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Sequence

from lblint.probe.questions import UNKNOWN_HOST, Answer, Asked, Kind, Question
from lblint.records import NamedTuple

AT_A_TIME = 8
"""Requests that are under way together."""
LARGEST = 64 * 1024
"""Bytes of a body that are read."""
_KEY = "bGJsaW50IHByb2JlICAgIQ=="
"""Sixteen bytes in base64, as a websocket's handshake has them (RFC 6455, 4.1)."""


class Address(NamedTuple):
    """Where a proxy is: a host, and its ports for HTTP and TLS."""

    host: str
    http: int
    https: int

    def __str__(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{shown}:{self.http}"


class Client:
    """Asks one proxy. `seconds` is the time for one request; `ca` is a file with the CAs that are trusted, "" for
    those of the system."""

    def __init__(self, address: Address, seconds: float, ca: str = "") -> None:
        """Raises `OSError` where the file with the CAs cannot be read."""
        self.address, self.seconds = address, seconds
        self._trusting = ssl.create_default_context(cafile=ca or None)
        self._any = ssl.create_default_context()
        self._any.check_hostname = False
        self._any.verify_mode = ssl.CERT_NONE

    def unknown(self) -> Answer:
        """Return what is answered for a host that no service has."""
        return self._bounded(lambda: self._get(self._plain(), UNKNOWN_HOST, "/", {}))

    def ask(self, questions: Sequence[Question]) -> tuple[Asked, ...]:
        """Return all answers, in the order of the questions."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            answers = pool.map(lambda question: self._bounded(lambda: self._answer(question)), questions)
            return tuple(map(Asked, questions, answers))

    def _bounded(self, request: Callable[[], Answer]) -> Answer:
        """The answer, or why there is none within the time: a server may send a byte now and then for ever."""
        import threading

        answers: list[Answer] = []
        thread = threading.Thread(target=lambda: answers.append(_errors_told(request)), daemon=True)
        thread.start()
        thread.join(self.seconds)
        return answers[0] if answers else Answer(error=f"there is no whole answer within {self.seconds:g} seconds")

    def _answer(self, question: Question) -> Answer:
        if question.kind is Kind.HTTPS:
            return self._over_tls(question)
        fields = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": _KEY,
                  "Sec-WebSocket-Version": "13"} if question.kind is Kind.WEBSOCKET else {}  # fmt: skip
        return self._get(self._plain(), question.host, question.path, fields)

    def _plain(self) -> socket.socket:
        return socket.create_connection((self.address.host, self.address.http), self.seconds)

    def _over_tls(self, question: Question) -> Answer:
        """The answer over TLS; a certificate that is not trusted is told, and the answer is had without trust."""
        certificate = ""
        place = (self.address.host, self.address.https)
        with socket.create_connection(place, self.seconds) as plain:
            try:
                self._trusting.wrap_socket(plain, server_hostname=question.host).close()
            except ssl.SSLCertVerificationError as error:
                certificate = error.verify_message
        secret = self._any.wrap_socket(socket.create_connection(place, self.seconds), server_hostname=question.host)
        return self._get(secret, question.host, question.path, {})._replace(certificate=certificate)

    def _get(self, connected: socket.socket, host: str, path: str, fields: dict[str, str]) -> Answer:
        import hashlib

        connection = http.client.HTTPConnection(host, timeout=self.seconds)
        connection.sock = connected
        try:
            connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": host, "User-Agent": "lblint-probe", "Connection": "close", **fields}.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            upgraded = answer.status == http.client.SWITCHING_PROTOCOLS
            body = b"" if upgraded else answer.read(LARGEST)
            return Answer(answer.status, answer.getheader("Location", ""), hashlib.sha256(body).hexdigest())
        finally:
            connection.close()


def _errors_told(request: Callable[[], Answer]) -> Answer:
    try:
        return request()
    except TimeoutError:
        return Answer(error="it does not answer in time")
    except ssl.SSLError as error:
        return Answer(error=f"there is no TLS: {error.reason or error}")
    except OSError as error:
        return Answer(error=error.strerror or str(error))
    except http.client.HTTPException as error:
        return Answer(error=f"it does not answer as HTTP ({type(error).__name__})")
