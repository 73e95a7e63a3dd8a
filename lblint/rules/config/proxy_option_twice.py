"""An option repeats a directive that the template writes itself, or that has a key of its own.

`GlobalOptions` and `HTTPOptions` are put into nginx.conf beside what the template has there already. Most directives
may stand once only: "directive is duplicate", and nginx does not start. Where the directive has a key in `Config`, set
that.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.interlock.nginxtext import directives
from lblint.proxy.configured import CONFIG, ONCE, PARTS
from lblint.rules import rule

_KEYS = {
    "pid": "PidPath",
    "proxy_connect_timeout": "ConnectTimeout",
    "proxy_read_timeout": "ReadTimeout",
    "proxy_send_timeout": "SendTimeout",
    "proxy_http_version": "HTTPVersion",
}


@rule(on=InterlockConfig, severity=Severity.WARNING, breaks=Breaks.PROXY)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for extension in config.extensions:
        for name, part in PARTS.items():
            setting = extension.config.get(name.lower())
            for index, line in enumerate(setting.value if setting else ()):
                for directive in set(directives([line])) & ONCE[part]:
                    key = _KEYS.get(directive) or CONFIG.get(directive, "")
                    assert setting
                    yield Hit(
                        setting.place.child(index),
                        f"{name}: the template has {directive} itself, and nginx refuses to read it twice",
                        f"{key} in [Extensions.{extension.name}.Config]" if key else "",
                    )
