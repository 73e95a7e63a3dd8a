"""Files that are merged have different versions.

With several `-c` every file must have the same version, to the letter. A file without one counts as the newest that the
client knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("version.mismatch",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "version.mismatch":
            version, first = fault.facts["version"], fault.facts["first"]
            how = f"version {version}" if fault.facts.get("written") else f"no version, which means {version}"
            said = f"{how}, but {stack.files[0]} has {first}; docker: {fault.told}"
            from lblint.rules import _mend

            yield Hit(fault.place, said, f'version: "{first}" here too',
                      fixes=_mend.version(fault.place, str(first), bool(fault.facts.get("written"))))  # fmt: skip
