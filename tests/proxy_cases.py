"""Sound routes, one set for each feature of the proxy: golden configs and the real nginx are both asked about them."""

from __future__ import annotations

from routes import route

from lblint.interlock.routes import Route

CASES: dict[str, tuple[Route, ...]] = {
    "nothing": (),
    "host": (route(hosts="demo.example.org"),),
    "hosts": (route(hosts="www.example.org,example.org", targets=3),),
    "sorted": (route("b", hosts="b.example.org,B.example.net"), route("a", hosts="a.example.org")),
    "canary": (route("blue", hosts="demo.example.org", targets=2), route("green", hosts="demo.example.org", port=9000)),
    "options-of-the-first": (
        route("blue", hosts="demo.example.org", websocket_endpoints="/ws"),
        route("green", hosts="demo.example.org", context_root="/green", ip_hash=True),
    ),
    "vip": (route(hosts="demo.example.org", vip=True),),
    "context-root": (route(hosts="demo.example.org", context_root="/app"),),
    "context-root-slash": (route(hosts="demo.example.org", context_root="/"),),
    "context-root-rewrite": (route(hosts="demo.example.org", context_root="/app", context_root_rewrite=True),),
    "context-root-beats-websockets": (route(hosts="demo.example.org", context_root="/app", websocket_endpoints="/ws"),),
    "rewrite-without-root": (route(hosts="demo.example.org", context_root_rewrite=True),),
    "websockets": (route(hosts="demo.example.org", websocket_endpoints="/ws,/chat/"),),
    "websocket-root": (route(hosts="demo.example.org", websocket_endpoints="/"),),
    "redirect": (
        route(
            hosts="old.example.org,new.example.org", redirects=[("http://old.example.org", "http://new.example.org")]
        ),
    ),
    "redirect-to-https": (
        route(
            hosts="demo.example.org",
            ssl_cert="demo_cert",
            ssl_key="demo_key",
            redirects=[("http://demo.example.org", "https://demo.example.org")],
        ),
    ),
    "sticky": (route(hosts="demo.example.org", sticky_session_cookie="session", targets=2),),
    "ip-hash": (route(hosts="demo.example.org", ip_hash=True, targets=2),),
    "ip-hash-and-sticky": (route(hosts="demo.example.org", ip_hash=True, sticky_session_cookie="session"),),
    "health": (route(hosts="demo.example.org", max_fails="1000", fail_timeout="0s"),),
    "default-backend": (route(default_backend=True), route("other", hosts="demo.example.org")),
    "default-backend-alone": (route(default_backend=True),),
    "default-backend-host": (route(default_backend=True, hosts="demo.example.org"),),
    "default-backend-tls": (
        route(default_backend=True, hosts="demo.example.org", ssl_cert="demo_cert", ssl_key="demo_key"),
    ),
    "tls": (
        route(hosts="demo.example.org", ssl_cert="demo_cert", ssl_key="demo_key", websocket_endpoints="/ws"),
        route("two", hosts="two.example.org", ssl_cert="two_cert", ssl_key="two_key"),
    ),
    "tls-key-alone": (route(hosts="demo.example.org", ssl_key="demo_key"),),
    "passthrough": (
        route(hosts="demo.example.org", port=8443, ssl_passthrough=True, targets=2),
        route("two", hosts="demo.example.org", port=8443, ssl_passthrough=True),
    ),
    "passthrough-with-certificate": (
        route(hosts="demo.example.org", ssl_passthrough=True, ssl_cert="demo_cert", ssl_key="demo_key"),
    ),
    "passthrough-default": (route(hosts="demo.example.org", ssl_passthrough=True, default_backend=True),),
    "wildcard": (route(hosts="*.demo.example.org"), route("exact", hosts="a.demo.example.org")),
    "no-port": (route(hosts="demo.example.org", port=None),),
    "no-host": (route(),),
    "many-targets": (route(hosts="demo.example.org", ip_hash=True, targets=250),),
}
