"""The proxy joins many networks, or all that services bring along.

Joining an overlay takes a proxy one to two seconds, and an update of the proxy joins all of them again. Without
`Networks` (known since UCP 3.2.3 and 3.1.11) each network of a routed service is one more, and a new one restarts the
proxy. A few external networks, named there, keep updates short; so do several service clusters.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.rules import rule
from lblint.rules._interlock import named

MANY = 10


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def check(config: InterlockConfig) -> Iterator[Hit]:
    mistyped = {f.place.path[:2] for f in config.faults if f.facts.get("key") == "Networks"}
    for extension in config.extensions:
        if extension.place.path in mistyped:
            continue
        networks = extension.value("Networks")
        if networks is None and reached(config.version, INTERLOCK_3) is not False:
            yield Hit(
                extension.place,
                f"{named(extension)} has no Networks: its proxy joins every network of every routed service, and each "
                "new one restarts it",
                'Networks = ["ingress"], external networks that the services share',
            )
        elif networks is not None and len(networks) > MANY:
            yield Hit(
                extension.at("Networks"),
                f"{len(networks)} networks, one to two seconds each: an update of the proxy takes "
                f"{len(networks)} to {2 * len(networks)} seconds for each replica",
                "fewer networks that services share, or several service clusters",
            )
