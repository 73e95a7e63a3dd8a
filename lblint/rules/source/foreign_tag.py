"""A YAML tag of another tool has no meaning to docker.

`!reset` and `!override` belong to Compose. Docker ignores them: `!reset null` is the text "null", and `!override` is
merged like anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.source import Source


@rule(
    on=Source,
    severity=Severity.WARNING,
    consequence="the value is taken as if the tag were not there",
    needs=("yaml.tag",),
)
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.tag":
            tag = fault.facts.get("tag", "the tag")
            yield Hit(fault.place, f"{tag} is ignored by docker", "nothing; change the earlier file instead")
