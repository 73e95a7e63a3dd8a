"""The proxy's config comes from a template of one's own, which lblint does not see.

With `Template` the extension renders nginx.conf from a Docker config of that name. The trial config is made after the
template that Docker publishes: what one's own does otherwise is not tried, and values that it quotes or leaves out may
be refused here without need. A template of an older version may lack what the file names, such as `$reqid` in a log
format.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import named


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for extension in config.extensions:
        if extension.value("Template"):
            yield Hit(
                extension.at("Template"),
                f"the config of {named(extension)} is rendered from a template of its own: it is tried as Docker's "
                "template would render it",
            )
