"""`lblint routes`: which host and path goes where, as a table, for programs, or drawn."""

from __future__ import annotations

from lblint import UncheckedError
from lblint.cli import output
from lblint.cli.config_render import read_ingress, refused
from lblint.cli.inputs import Run, behind, check_runs, config_of, one_ingress, read_runs, with_interlock
from lblint.cli.report_targets import overwritten, save
from lblint.lint import known_to, make_options
from lblint.report import PICTURES


def routes(
    files: tuple[str, ...],
    compose_files: tuple[str, ...],
    stack_name: str | None,
    client: str,
    config: str,
    no_config: bool,
    interlock_config: str,
    interlock_version: str,
    format_: str,
    file: str,
    color: str,
) -> int:
    """Print the routes, or draw them: which host and path goes to which service.

    TLS is ended by the service (passthrough), by the proxy, or by nobody. OVER is the network that requests travel
    over, or `host` for a port published on the nodes; ATTACHED are the networks that the proxy joins for the service.

    mermaid, svg and html draw hosts, proxies, networks and services. The page is one file that needs nothing else: to
    search, to print, to hand on. Red is what `lblint check` calls an error; json has the rows alone.

    Exit code: 0, or 1 where docker refuses a stack, 2 could not read or write.
    """
    options = with_interlock(make_options(stack_name=stack_name, client=client), interlock_config, interlock_version)
    run = one_ingress(read_runs(files, compose_files, options, config_of(config, no_config)))
    if format_ in PICTURES:
        text, code = _drawn(run, format_)
    else:
        text, code = _table(run, format_, output.colored(color) if file in ("", "-") else color == "always")
    if file in ("", "-"):
        output.write(text)
    else:
        _write(file, text, [*(source.name for merged in run.stacks for source in merged), *behind([run])])
    return code


def _table(run: Run, format_: str, color: bool) -> tuple[str, int]:
    """The table or its rows, and the exit code. A table is of use even where what breaks cannot be told."""
    from lblint.report.routes import render_judged, render_routes

    ingress, code = read_ingress(run)
    ingress = known_to(ingress, run.options)
    if format_ == "json":
        return render_routes(ingress, format_), code
    result = check_runs([run])
    for file, reason in result.unchecked:
        output.say(f"what breaks is not known: {file}: {reason}")
    return render_judged(ingress, result, color), code


def _drawn(run: Run, format_: str) -> tuple[str, int]:
    """The picture and the exit code. Raises `UncheckedError`: where something could not be
    checked, a picture would look as if nothing were wrong there."""
    from lblint.report.diagram import render_picture

    result = check_runs([run])
    if result.unchecked or result.checked.ingress is None:
        raise UncheckedError("\n".join(f"{file}: {reason}" for file, reason in result.unchecked))
    code = max((refused(stack) for stack in result.checked.stacks if stack.refused), default=0)
    text = render_picture(format_, result.checked.ingress, result)
    if format_ == "mermaid":
        from lblint.report.diagram.mermaid import fits

        if not fits(text):
            output.say("more than mermaid's renderers draw (500 lines, 50,000 characters): --format html has no limit")
    return text, code


def _write(file: str, text: str, read: list[str]) -> None:
    why = ""
    try:
        if overwritten([("", file)], read):
            why = "it was read, and is not overwritten"
        else:
            save(file, text)
    except OSError as error:
        why = error.strerror or str(error)
    except ValueError as error:  # a NUL in the name
        why = str(error)
    if why:
        raise UncheckedError(f"cannot write {file}: {why}")
