"""The label sticky_session_cookie holds a name that nginx cannot use.

It is rendered as `hash $cookie_<name> consistent;`, and the name of a variable ends at the first character that is no
letter, digit or underscore. With `my-session` nginx reads the cookie `my` and adds the text `-session`: every client
gets the same hash and goes to the same task. Have the application name its cookie with letters, digits and
underscores.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("com.docker.lb.sticky_session_cookie",))
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "sticky_session_cookie")
