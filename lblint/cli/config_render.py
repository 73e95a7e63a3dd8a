"""`lblint config`, `lblint render`: what lblint understands, without judging it."""

from __future__ import annotations

from lblint import UncheckedError
from lblint.cli import output
from lblint.cli.exit_codes import EXIT_FINDINGS
from lblint.cli.inputs import Run, config_of, one_ingress, read_runs, with_interlock
from lblint.finding import Severity, of_kind
from lblint.interlock import KEYS, Ingress, infer_name, read_routes
from lblint.lint import Options, known_to, make_options
from lblint.lint.check_stack import known
from lblint.source import Source
from lblint.source.faults import DuplicateKey
from lblint.stack import Stack, client, dump, load
from lblint.stack.faults import InvalidEnvFile, RefusedValue
from lblint.stack.swarm_names import rename


def config(
    files: tuple[str, ...],
    compose_files: tuple[str, ...],
    stack_name: str | None,
    client: str,
    config: str,
    no_config: bool,
    skip_interpolation: bool,
) -> int:
    """Print one stack, merged and resolved, as docker does.

    Exit code: 0, or 1 with docker's words where docker refuses the files, 2 could not read.
    """
    runs = read_runs(files, compose_files, make_options(stack_name, client=client), config_of(config, no_config))
    stacks = [(merged, run.options) for run in runs for merged in run.stacks]
    if len(stacks) > 1:
        raise UncheckedError("config prints one stack; files that are merged are named with -c each")
    stack = _load(*stacks[0], interpolate=not skip_interpolation)
    if stack.refused:
        return refused(stack)
    output.write(output.shown(dump(stack)))
    return 0


def render(
    files: tuple[str, ...],
    compose_files: tuple[str, ...],
    stack_name: str | None,
    client: str,
    config: str,
    no_config: bool,
    interlock_config: str,
    interlock_version: str,
) -> int:
    """Print the trial nginx.conf: what the proxy would run.

    Exit code: 0, or 1 where docker refuses a stack or nginx would refuse the config, 2 could not read.
    """
    from lblint.proxy import trial
    from lblint.proxy.faults import Possible

    options = with_interlock(make_options(stack_name, client=client), interlock_config, interlock_version)
    run = one_ingress(read_runs(files, compose_files, options, config_of(config, no_config)))
    ingress, code = read_ingress(run)
    ingress = known_to(ingress, run.options)
    tried = trial(ingress)
    output.write(output.shown(tried.text))
    if any(not isinstance(fault, Possible) for fault in tried.faults) or _refused_value(ingress):
        output.say("the config has faults; lblint check says which")
        return EXIT_FINDINGS
    return code


def _refused_value(ingress: Ingress) -> bool:
    """Whether a label of a route has a value that check calls an error."""
    for route in ingress.routes:
        for label in route.service.labels:
            spec = KEYS.get(label.key)
            if spec and not label.unset and any(p.severity is Severity.ERROR for p in spec.problems(label.value)):
                return True
    return False


def read_ingress(run: Run) -> tuple[Ingress, int]:
    """The routes of all stacks that docker takes, and the exit code that says whether it takes all."""
    stacks = [_load(merged, run.options) for merged in run.stacks]
    code = max((refused(stack) for stack in stacks if stack.refused), default=0)
    return read_routes([stack for stack in stacks if not stack.refused]), code


def _load(merged: list[Source], options: Options, interpolate: bool = True) -> Stack:
    for source in merged:
        if source.unchecked:
            raise UncheckedError(f"{source.name}: {source.unchecked}")
    name, env, written = known(merged, options)
    stack = load(merged, name, env, options.stack.client, interpolate, written=written)
    inferred = infer_name(stack) if name is None else None
    return rename(stack, inferred[0]) if inferred else stack


def refused(stack: Stack) -> int:
    """Docker's words on a stack that it refuses, on stderr."""
    message = _message(stack)
    if stack.values:
        from lblint.lint.redaction import Redactor

        message = Redactor(stack.values).text(message)
    output.say(f"{stack.files[0]}: docker refuses it: {message}")
    return EXIT_FINDINGS


def _message(stack: Stack) -> str:
    """Docker's whole message: it ends at the first fault, but takes the keys of a file or the values of one section
    that it cannot read together."""
    faults = [fault for fault in stack.faults if fault.docker]
    first = faults[0]
    if isinstance(first, InvalidEnvFile):
        return first.reason
    same = [fault for fault in faults if type(fault) is type(first) and fault.place.file == first.place.file]
    if isinstance(first, DuplicateKey):
        head = first.docker.partition("\n")[0]
        return "\n".join([head, *(fault.docker.partition("\n")[2] for fault in same)])
    if not isinstance(first, RefusedValue) or first.panic:
        return first.docker
    section = first.place.path[:2]
    lines = [
        fault.detail for fault in of_kind(same, RefusedValue) if not fault.panic and fault.place.path[:2] == section
    ]
    if not client(stack.client).counts_errors:
        return "\n".join([first.docker, "", *lines])
    return "\n".join([f"{len(lines)} error(s) decoding:", "", *(f"* {line}" for line in lines)])
