"""Routes made by hand, for tests of what comes after the labels."""

from __future__ import annotations

from typing import Any

from lblint.finding import Place
from lblint.interlock.routes import Host, Ingress, Redirect, Route, Word
from lblint.stack.model import Service, Stack

STACK = Stack("demo", ("stack.yml",), "3.8", {}, {}, (), {}, {}, {}, {}, ())


def place(service: str, label: str) -> Place:
    """Where the label of a made-up service would stand."""
    return Place("stack.yml", ("services", service, "deploy", "labels", "com.docker.lb." + label))


def route(service: str = "web", /, **labels: Any) -> Route:
    """A route of this service. Texts become words; `hosts`, `websocket_endpoints` are lists or comma-separated,
    `redirects` pairs of URLs."""

    def word(label: str, default: str | None = None) -> Word | None:
        text = labels.pop(label, default)
        return None if text is None else Word(str(text), place(service, label))

    def listed(label: str) -> list[str]:
        value = labels.pop(label, [])
        return value.split(",") if isinstance(value, str) else list(value)

    key = Place("stack.yml", ("services", service))
    made = Route(
        stack=STACK,
        service=Service(service, key, "demo_" + service, {}, (), (), (), ()),
        place=key,
        hosts=tuple(
            Host(name, place(service, "hosts")._replace(chars=(i, i))) for i, name in enumerate(listed("hosts"))
        ),
        port=word("port", "8080"),
        network="demo_ingress",
        cluster=labels.pop("cluster", ""),
        context_root=word("context_root"),
        context_root_rewrite=labels.pop("context_root_rewrite", False),
        websocket_endpoints=tuple(
            Word(path, place(service, "websocket_endpoints")._replace(chars=(i, i)))
            for i, path in enumerate(listed("websocket_endpoints"))
        ),
        ssl_cert=word("ssl_cert"),
        ssl_key=word("ssl_key"),
        ssl_passthrough=labels.pop("ssl_passthrough", False),
        redirects=tuple(
            Redirect(Word(source, place(service, "redirects")), Word(target, place(service, "redirects")))
            for source, target in labels.pop("redirects", [])
        ),
        sticky_session_cookie=word("sticky_session_cookie"),
        ip_hash=labels.pop("ip_hash", False),
        default_backend=labels.pop("default_backend", False),
        vip=labels.pop("vip", False),
        max_fails=word("max_fails"),
        fail_timeout=word("fail_timeout"),
        targets=labels.pop("targets", 1),
    )
    assert not labels, f"no such label: {labels}"
    return made


def ingress(*routes: Route) -> Ingress:
    """The ingress that carries these routes."""
    return Ingress((STACK,), routes)
