"""`--baseline` and `--write-baseline`: which findings were there before."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lblint import UncheckedError
from lblint.cli import files, inputs, output
from lblint.cli.inputs import Run, together
from lblint.cli.report_targets import save
from lblint.finding import Breaks
from lblint.lint import Result
from lblint.source.baseline import Baseline, BaselineError, as_text, read_baseline

_ROUNDS = 5
"""Runs after which a baseline has to hold all that is found: a second one sees what findings of the first one hid."""


def load(name: str) -> Baseline:
    """The baseline that a file holds. Raises `UncheckedError` where there is none, with a sentence that says why."""
    try:
        return _read(name)
    except files.UnreadableError as error:
        how = "" if os.path.lexists(name) else f"; lblint check --write-baseline {name} ... makes one"
        raise UncheckedError(f"--baseline {error}{how}", error.name) from None
    except BaselineError as error:
        raise UncheckedError(f"--baseline {name}: {error}", name) from None


def beside(run: Run, name: str) -> Run:
    """The run beside the baseline in a file, or beside the one that its settings name. Raises `UncheckedError`."""
    settings = run.settings
    if not name and (settings is None or not settings.baseline):
        return run
    if name or settings is None:
        return run._replace(options=run.options._replace(silencing=run.options.silencing._replace(baseline=load(name))))
    from lblint.cli.settings import shown

    try:
        baseline = load(shown(os.path.join(settings.folder, settings.baseline)))
    except UncheckedError as error:
        raise UncheckedError(f"{settings.file}: {error}", settings.file) from None
    return run._replace(options=run.options._replace(silencing=run.options.silencing._replace(baseline=baseline)))


def write(name: str, runs: Sequence[Run]) -> Result:
    """Check stacks, and write what is found as the baseline. What an older one in its place has of files and rules that
    are not looked at this time stays in it. Raises `UncheckedError` where something could not be checked, for a file
    that is no baseline, and where it cannot be written: nothing is written then."""
    if name in ("", files.STDIN):
        raise UncheckedError("--write-baseline needs the name of a file")
    if any(run.options.silencing.suppress == "none" for run in runs):
        raise UncheckedError("--write-baseline is of no use with --suppress none, which lets no baseline count")
    now = before = _before(name)
    runs = [run._replace(options=inputs.asked_once(run.options)) for run in runs]
    result = None
    for _ in range(_ROUNDS):
        held = now.counts
        results = []
        for run in runs:
            result_of_run = inputs.check_all(
                run.stacks, run.options._replace(silencing=run.options.silencing._replace(baseline=now))
            )
            for file, reason in result_of_run.unchecked:
                raise UncheckedError(f"{file}: {reason}; no baseline is written of what could not be checked", file)
            now = result_of_run.baseline or now
            results.append(result_of_run)
        result = together(results)
        if now.counts == held:
            break
    assert result is not None
    text = as_text(now.counts)
    if text != before.text:
        try:
            save(name, text)
        except (OSError, ValueError) as error:
            raise UncheckedError(f"cannot write {name}: {getattr(error, 'strerror', None) or error}") from None
    number = sum(now.counts.values())
    proxy = sum(entry.finding.breaks is Breaks.PROXY for entry in result.silenced if entry.by == "baseline")
    which = f"; {proxy} of them break{'s' * (proxy == 1)} the proxy" if proxy else ""
    output.say(f"{name} holds {number} finding{'s' * (number != 1)}{which}")
    return result


def _before(name: str) -> Baseline:
    """What stands in the place of a baseline: an older one, or nothing. Raises `UncheckedError` for anything else."""
    empty = Baseline(name, _folder(name), {})
    if not os.path.lexists(name):
        return empty
    try:
        return _read(name) if files.content(name) else empty
    except (files.UnreadableError, BaselineError) as error:
        raise UncheckedError(f"{name} is no baseline, and is not overwritten: {error}") from None


def _read(name: str) -> Baseline:
    return read_baseline(files.content(name), name, _folder(name))


def _folder(name: str) -> str:
    return os.path.realpath(os.path.dirname(name) or ".")
