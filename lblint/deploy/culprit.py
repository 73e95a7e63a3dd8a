"""Which label most likely broke the proxy: what nginx says of its config, against the labels of the stack."""

from __future__ import annotations

import re

from lblint.deploy.client import Docker
from lblint.interlock import PREFIX
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack import Stack
from lblint.stack.model import Label, Service

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
    emergencies = _EMERG.findall(output)
    lines = [line for line in output.splitlines() if line.strip()]
    return str(emergencies[-1]) if emergencies else lines[-1] if lines else ""


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
