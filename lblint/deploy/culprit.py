"""Which label most likely broke the proxy: what nginx says of its config, against the labels of the stack."""

from __future__ import annotations

import re
from collections.abc import Callable

from lblint.deploy.client import Docker
from lblint.interlock import PREFIX
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack import Stack
from lblint.stack.model import Label, Service
from lblint.swarm.ingress_status import BadLabel, IngressStatus

_QUOTED = pattern(r'"([^"\n]{1,300})"')
_EMERG = pattern(r"\[emerg\][^\n]{0,600}")
_OWN = "/etc/nginx/"
"""A file below it is the proxy's own, and comes from no label."""
LINES = 20
"""So many lines of a task's log are read."""


class Culprit(NamedTuple):
    """A label, the service that bears it, and how much of it nginx has quoted (in characters)."""

    service: Service
    label: Label
    length: int


def last_words(docker: Docker, task: str) -> str:
    """The line by which nginx says why it does not start, or the last line of a task's log; "" where there is none."""
    import subprocess

    command = docker.command("service", "logs", "--raw", "--tail", str(LINES), task)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace", timeout=20,
                              stdin=subprocess.DEVNULL)  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    if done.returncode:
        return ""
    output = done.stderr + done.stdout
    lines = [line for line in output.splitlines() if line.strip()]
    return emergency(output) or (lines[-1] if lines else "")


def emergency(log: str) -> str:
    """The last message by which nginx says in a log why it does not start; "" where there is none."""
    found = _EMERG.findall(log)
    return str(found[-1]) if found else ""


def with_quoted_labels(status: IngressStatus, log: Callable[[str], str]) -> IngressStatus:
    """The status of an ingress with the labels that nginx quotes where a proxy does not start; `log` returns the log of
    a service by its id."""
    quoted = []
    for proxy in status.failing_proxies():
        message = emergency(log(proxy.id))
        found = [(guilty.length, at, guilty) for at, served in enumerate(status.inventory.routes)
                 if proxy.name == (served.proxy.service.name if served.proxy else "")
                 and (guilty := culprit(served.route.stack, message)) is not None]  # fmt: skip
        if found:
            _, at, guilty = max(found, key=lambda one: one[:2])
            served = status.inventory.routes[at]
            quoted.append(BadLabel(served.service, guilty.label.key, message, guilty.label.place, served.route.cluster))
    return status._replace(quoted=tuple(quoted))


def culprit(stack: Stack, message: str) -> Culprit | None:
    """The label of the stack that holds most of what is quoted in a message of nginx; None where none does."""
    texts = [text for text in _QUOTED.findall(message) if not text.startswith(_OWN)]
    words = {word for text in texts for word in (text, *re.split(r"[\s:/;,]+", text)) if len(word) > 1}
    best: Culprit | None = None
    for service in stack.services:
        for label in service.labels:
            if label.key.startswith(PREFIX):
                length = max((len(word) for word in words if word in label.value), default=0)
                if length > (best.length if best else 0):
                    best = Culprit(service, label, length)
    return best
