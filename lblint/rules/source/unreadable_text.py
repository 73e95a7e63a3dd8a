"""The file holds bytes or characters that are no text for YAML.

Docker reads UTF-8, and UTF-16 that begins with a byte order mark. Control characters other than tab and line break are
refused wherever they stand, in comments too. Most often the file was saved in another encoding, or is no text at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.source import Source


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.character", "yaml.encoding"))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.character":
            code = ord(str(fault.facts.get("character") or "\0")[0])
            said = f"U+{code:04X} is a control character; docker: {fault.told}"
            yield Hit(fault.place, said, "nothing in its place, or an escape such as `\\t` in double quotes")
        elif fault.kind == "yaml.encoding":
            encoding = str(fault.facts.get("encoding", "utf-8")).upper()
            said = f"the byte {fault.facts.get('byte', '')} is no {encoding} here; docker: {fault.told}"
            yield Hit(fault.place, said, "the file as UTF-8")
