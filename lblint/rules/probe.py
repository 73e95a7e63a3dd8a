"""Rules on what a running proxy answers, beside what the labels ask for (`lblint probe`)."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.probe.questions import Asked, Kind, Probed
from lblint.rules import rule

_NO_SERVICE = {
    502: "the proxy does not reach the service",
    503: "the proxy has no such route, or no task to send it to",
    504: "the service does not answer the proxy in time",
}
_NOW = "this is what clients get now"
_LOOK = "look with lblint status, and lblint explain outage"


def _answered(probed: Probed, *kinds: Kind) -> Iterator[Asked]:
    return (asked for asked in probed.asked if asked.answer.status and asked.question.kind in kinds)


@rule(on=Probed, severity=Severity.ERROR, consequence="no route behind this proxy could be tried")
def probe_proxy_silent(probed: Probed) -> Iterator[Hit]:
    """Nothing answers at the proxy's address.

    `lblint probe` asks the address that is given with `--proxy`, or loopback. If nothing listens there, no route of
    this service cluster was tried: the proxy does not run, publishes another port, or is at another address.
    """
    if probed.unknown.status or any(asked.answer.status for asked in probed.asked) or not probed.asked:
        return
    first, *others = probed.asked
    reason = probed.unknown.error or first.answer.error
    places = tuple(asked.question.place for asked in others[:10])
    message = f"no proxy answers at {probed.address}: {reason}"
    yield Hit(first.question.place, message, "give its address: --proxy ADDRESS:PORT", related=places)


@rule(on=Probed, severity=Severity.ERROR, consequence=_NOW)
def probe_not_served(probed: Probed) -> Iterator[Hit]:
    """The proxy does not serve a route that the labels ask for.

    The answer is 502, 503 or 504, or it is the same answer that the proxy gives for a host that no service has. Reasons
    are that Interlock has not updated the proxy yet or stopped updating it, that the service has no running task, or
    that the proxy and the service have no network in common.
    """
    silent = not probed.unknown.status
    for asked in probed.asked:
        question, answer = asked
        url = question.url
        if not answer.status:
            if not silent and question.kind is not Kind.HTTPS:
                yield Hit(question.place, f"{url} is not answered: {answer.error}", _LOOK)
        elif answer.status in _NO_SERVICE:
            yield Hit(question.place, f"{url} is answered with {answer.status}: {_NO_SERVICE[answer.status]}", _LOOK)
        elif question.kind is Kind.HTTP and not question.route.default_backend and answer == probed.unknown:
            message = f"{url} is answered with {answer.status}, as a host that no service has"
            yield Hit(question.place, message, _LOOK)


@rule(on=Probed, severity=Severity.ERROR, consequence=_NOW)
def probe_redirect_differs(probed: Probed) -> Iterator[Hit]:
    """A redirect of the labels does not lead where the label says.

    The proxy answers a redirect with 302, and with the target of com.docker.lb.redirects followed by the path.
    """
    for question, answer in _answered(probed, Kind.REDIRECT):
        wanted = question.target + question.path
        if answer.status in _NO_SERVICE or (answer.status == 302 and answer.location == wanted):
            continue
        got = f"with {answer.status}" + (f" and leads to {answer.location}" if answer.location else "")
        yield Hit(question.place, f"{question.url} is answered {got}, and not with 302 to {wanted}", _LOOK)


@rule(on=Probed, severity=Severity.ERROR, consequence=_NOW)
def probe_without_tls(probed: Probed) -> Iterator[Hit]:
    """The proxy, or the service behind a passthrough, does not speak TLS for a host with TLS labels.

    The request had the host in its SNI. The secret of ssl_cert may be missing or broken, the route may not be served,
    or TLS has another port: `--proxy ADDRESS:HTTP:TLS`.
    """
    for question, answer in probed.asked:
        if question.kind is Kind.HTTPS and not answer.status and probed.unknown.status:
            yield Hit(question.place, f"{question.url} is not answered: {answer.error}", _LOOK)


@rule(on=Probed, severity=Severity.WARNING, possible=_NOW)
def probe_certificate_not_trusted(probed: Probed) -> Iterator[Hit]:
    """Browsers will not trust the certificate of a host.

    The certificate is of another name, is out of date, or is signed by a CA that this machine does not know.
    `--ca FILE` names a CA of your own.
    """
    for question, answer in _answered(probed, Kind.HTTPS):
        if answer.certificate:
            message = f"the certificate for {question.host} is not trusted: {answer.certificate}"
            yield Hit(question.place, message, "renew it, or name your CA with --ca FILE")


@rule(on=Probed, severity=Severity.WARNING, possible=_NOW)
def probe_no_websocket(probed: Probed) -> Iterator[Hit]:
    """A websocket endpoint of the labels does not answer with a websocket.

    The answer to the handshake is not 101. The service may want another path, a subprotocol or a login; if it answers a
    websocket without the proxy, the proxy is not up to date.
    """
    for question, answer in _answered(probed, Kind.WEBSOCKET):
        if answer.status != 101 and answer.status not in _NO_SERVICE:
            yield Hit(
                question.place, f"{question.url} is answered with {answer.status}, and not with a websocket", _LOOK
            )
