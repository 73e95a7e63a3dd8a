"""The file's version is none that this docker client reads.

A stack is written for version 3.0 to 3.13 of the format, and every client knows them up to its own: 3.8 came with
19.03, 3.9 with 20.10, 3.13 with 27.0. Before 23.0 a file without a version was refused as well. Version 2 is for
docker-compose. The version is text, so it stands in quotes, and a variable in it is not replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Fix, Hit, Place, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("version.missing", "version.unsupported"))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        highest = str(fault.facts.get("highest", ""))
        if fault.kind == "version.missing":
            said = f"no version: docker {stack.client} takes that for 1.0; docker: {fault.told}"
            from lblint.rules._mend import version

            fixes = version(fault.place, highest, False)
            yield Hit(fault.place, said, f'at the top of the file, `version: "{highest}"`', fixes=fixes)
        elif fault.kind == "version.unsupported":
            written = fault.facts.get("version")
            said = f"version {shown(written)} is none that docker {stack.client} reads"
            message = f"{said} (3.0 to {highest}); docker: {fault.told}"
            fixes = _fix(fault.place, str(written), highest)
            yield Hit(fault.place, message, _advice(str(written), highest), fixes=fixes)


def _fix(place: Place, written: str, highest: str) -> tuple[Fix, ...]:
    """Two numbers of three; else the highest version, though the rest of the file may be for another program."""
    from lblint.rules._mend import version

    if re.fullmatch(r"3\.[0-9]\.[0-9]+", written):
        return version(place, written.rpartition(".")[0], True)
    return version(place, highest, True, safe=False) if "$" not in written else ()


def _advice(written: str, highest: str) -> str:
    if "$" in written:
        return f'the version itself, a variable is not replaced here: "{highest}"'
    if re.fullmatch(r"3\.[0-9]+\.[0-9]+", written):
        return f'two numbers: "{written.rpartition(".")[0]}"'
    if written.startswith(("1", "2")):
        return f'version: "{highest}"; versions 1 and 2 are for docker-compose'
    return f'version: "{highest}"'
