"""A key of Interlock's config that this version of UCP or MKE does not have yet, or has no more.

What a version does not know it ignores without a word. The version is that of `--interlock-version`, or of the images
in the file. `Networks` and `HitlessServiceUpdate` came with Interlock 3.0 (UCP 3.2.3 and 3.1.11); since MKE 3.4.2
`ServerNamesHashBucketSize` is gone, as the size is worked out from the names.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.interlock.version import reached
from lblint.rules import rule


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="this version ignores the setting without a word",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    version = config.version
    for setting in config.settings():
        key = setting.key
        place = setting.place.on_key()
        if reached(version, key.since) is False:
            yield Hit(place, f"{key.name} is known from {key.since} on, and {version} ignores it")
        elif key.gone and reached(version, key.gone):
            yield Hit(place, f"{key.name} is gone since {key.gone}, and {version} ignores it", "no such key")
        elif key.gone and version is None:
            says = f"{key.name} is gone since {key.gone}, and later versions ignore it"
            yield Hit(place, says, "no such key, from that version on", severity=Severity.INFO)
