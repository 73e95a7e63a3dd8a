"""What the rules on labels share: the labels of a name in a stack, and a hit for a problem of a value."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import KEYS, PREFIX
from lblint.interlock.label_words import is_true
from lblint.interlock.value_problems import FATAL, Problem, place_of, shown
from lblint.lazy_re import pattern
from lblint.rules._fixes import of_problem
from lblint.stack import Label, Service, Stack

_NO_PORT = pattern(r"[^0-9 ]")


def labels(stack: Stack, *names: str) -> Iterator[tuple[Service, Label]]:
    """The service labels `com.docker.lb.<name>` of a stack, with their services; of two twins the last."""
    for service in stack.services:
        for name in names if service.labels else ():
            label = service.label(PREFIX + name)
            if label is not None:
                yield service, label


def value_hits(stack: Stack, *names: str, unless: str = "") -> Iterator[Hit]:
    """A hit for each problem of the values of these labels, control characters left to their own rule.

    A service where the label `unless` has an effect is left out: the proxy then ignores these labels.
    """
    for service, label in labels(stack, *names):
        if unless and on(service, unless):
            continue
        if isinstance(label.raw, list | dict):
            continue  # docker refuses it, which wrong-type reports
        problems = [problem for problem in KEYS[label.key].problems(label.value) if problem.kind != "control-character"]
        if label.unset and problems:  # one cause, one finding
            problems = [max(problems, key=lambda problem: (problem.severity, problem.breaks is Breaks.PROXY))]
        for problem in problems:
            yield value_hit(label, problem)


def value_hit(label: Label, problem: Problem) -> Hit:
    """A hit for one problem. What comes of a variable that is not set is at most a warning: whoever deploys may set it.

    Where the fix says all that the problem advises, its title is the help.
    """
    place = place_of(label, problem.start, problem.end)
    if not label.unset or _is_literal(label, problem):
        fixes = of_problem(label, problem, place)
        help_ = fixes[0].title if fixes and (not problem.hint or problem.hint.startswith("write ")) else problem.help
        return Hit(place, f"{label.key}: {problem.says}", help_, problem.severity, problem.breaks, fixes)
    names = ", ".join(dict.fromkeys(label.unset))
    are = "is" if "," not in names else "are"
    says = f"{label.key} is {shown(label.written)} and {names} {are} not set: {problem.says}"
    return Hit(place, says, f"set {names}", min(problem.severity, Severity.WARNING), problem.breaks)


def _is_literal(label: Label, problem: Problem) -> bool:
    """Whether a problem of a value with variables that are not set exists whatever they hold: a character that the
    value cannot have, or an attacker would hide one behind such a variable."""
    literal = _NO_PORT if label.key == PREFIX + "port" else FATAL
    return literal.search(label.value[problem.start : problem.end]) is not None


def on(service: Service, name: str, value: str = "") -> bool:
    """Whether a label of the service has an effect: it is true, or not empty, or holds just this value."""
    label = service.label(PREFIX + name)
    if label is None:
        return False
    text = label.value.strip(" ")
    if value:
        return text == value
    return is_true(text) if KEYS[label.key].kind == "true or false" else bool(text)
