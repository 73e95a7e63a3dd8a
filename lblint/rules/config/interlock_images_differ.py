"""The images of Interlock's config are of different versions.

Extension, proxy and config service belong to one version of UCP or MKE. An upgrade does not touch a config that was
changed by hand: its images must be changed by hand too, all of them. With different ones, versions before 3.1.5 update
the services over and over (ENGORC-2081).
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy may not understand what the extension writes for it",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    images = list(config.images())
    for setting, version in images[1:]:
        first, expected = images[0]
        if version != expected:
            tag = str(first.value).rpartition(":")[2]
            repository, _, own = str(setting.value).rpartition(":")
            place = setting.place._replace(chars=(len(repository) + 1, len(repository) + 1 + len(own)))
            yield Hit(
                place,
                f"{setting.key.name} is of version {own}, and {first.key.name} of {tag}",
                f"{repository}:{tag}",
                fixes=(Fix(f"write {repository}:{tag}", (Edit("write", place, tag),), safe=False),),
            )
