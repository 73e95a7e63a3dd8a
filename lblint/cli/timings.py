"""`lblint check --verbose`: what a run did, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from lblint.cli import output
from lblint.cli.inputs import Run, is_unreadable
from lblint.lint import Result
from lblint.source import yaml_parser
from lblint.stack import Stack


class Stopwatch:
    """Notes when each step of a run began (`Options.tell`)."""

    def __init__(self) -> None:
        self.begun = monotonic()
        self.steps: list[tuple[str, float]] = []

    def __call__(self, step: str, done: int, total: int) -> None:
        """Hear of a step."""
        if not self.steps or self.steps[-1][0] != step:
            self.steps.append((step, monotonic()))

    def times(self) -> str:
        """How long all of it took until now, and each step, in seconds."""
        ends = [begun for _, begun in self.steps[1:]] + [monotonic()]
        each = [f"{step} {end - begun:.3f}" for (step, begun), end in zip(self.steps, ends, strict=True)]
        return f"{ends[-1] - self.begun:.3f} s: {', '.join(each)}"


def check_runs(check: Callable[[Sequence[Run]], Result], runs: Sequence[Run]) -> Result:
    """Check what the arguments name, and say what was done."""
    watch = Stopwatch()
    result = check([run._replace(options=run.options._replace(tell=watch)) for run in runs])
    times = watch.times()
    slower = yaml_parser.slower()
    if slower:
        output.say(slower)
    for sentence in said(result, runs):
        output.say(sentence)
    output.say(times)
    return result


def said(result: Result, runs: Sequence[Run]) -> Iterator[str]:
    """What was read, under which name and for whom, and what was asked of it."""
    from lblint import rules

    for name, source in result.checked.sources.items():
        if is_unreadable(source):
            yield f"cannot read {name}: {source.unchecked}"
            continue
        yield f"read {name}: {_counted(source.text.count(chr(10)), 'line')}"
    for name, why in result.skipped:
        yield f"skipped {name}: {why}"
    for run in runs:
        files = {source.name for merged in run.stacks for source in merged}
        told = _ingress(run, [stack for stack in result.checked.stacks if stack.files[0] in files])
        if result.checked.values:
            from lblint.lint.redaction import of_run

            told = map(of_run(result.checked).text, told)
        yield from told
    yield f"{len(result.rules)} of {_counted(len(rules.load()), 'rule')} had something to look at"


def _ingress(run: Run, stacks: Sequence[Stack]) -> Iterator[str]:
    """What is known of the stacks behind one ingress."""
    from lblint.interlock import read_routes
    from lblint.stack.docker_versions import parse

    if run.settings is not None:
        yield f"settings: {run.settings.file}"
    for stack in stacks:
        yield _named(stack, run)
    known = parse(run.options.stack.client)
    if known is not None:
        newest = "" if run.options.stack.client else ", the newest known, as no --client is given"
        yield f"read as docker client {'.'.join(map(str, known.release))} does{newest}"
    if run.options.surroundings.interlock is not None:
        yield f"the proxies have the settings of {run.options.surroundings.interlock.name}"
    routes = read_routes(stacks).routes
    hosts = {host.name.lower() for route in routes for host in route.hosts}
    clusters = sorted({route.cluster for route in routes})
    named = [f"service cluster {cluster}" if cluster else "the default service cluster" for cluster in clusters]
    through = f" through {', '.join(named)}" if named else ""
    yield f"{_counted(len(routes), 'route')} to {_counted(len(hosts), 'host')}{through}"


def _named(stack: Stack, run: Run) -> str:
    """What a stack is called, and who says so."""
    files = " + ".join(stack.files)
    if stack.name is None:
        return f"{files}: the stack's name is not known; --stack-name would say it"
    label = stack.inferred_from
    if label is not None:
        why = f"as follows from {label.key} of {'.'.join(map(str, label.place.path[:2]))}"
    elif run.options.stack.name is not None or run.settings is None:
        why = "as --stack-name says"
    else:
        why = f"as {run.settings.file} says"
    return f"{files}: the stack is called {stack.name}, {why}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
