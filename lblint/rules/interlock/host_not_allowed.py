"""The label names a host that the settings do not list for this ingress.

`domains` in `.lblint.yml` are the names that lead to the proxies: their DNS records point there, and their certificates
are there. Requests for any other name never arrive. Mostly it is a typing error, which nobody notices until users do;
else the name is to be added to the list, with its DNS record. A regular expression (`~…`) and a name that ends in `.*`
stand for names that no list holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.domains import allows, meant
from lblint.interlock.hosts import NAME
from lblint.interlock.values import shown
from lblint.rules import rule

_GUESSED = 100_000
"""So many domains are compared with names outside, which takes a second; what others were meant to be is not told."""


@rule(
    on=Ingress,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="requests for this name do not reach the proxy; other routes are not hurt",
    needs=("ingress.site",),
    others=True,
)
def check(ingress: Ingress) -> Iterator[Hit]:
    site = ingress.site
    if site is None or not site.domains:
        return
    guesses = _GUESSED // len(site.domains)
    for route in ingress.routes:
        label = route.label("hosts")
        for host in route.hosts if not (label and label.unset) else ():
            if _is_name(host.name) and not allows(site.domains, host.name):
                from lblint.rules._mend import write

                guesses -= 1
                near = meant(site.domains, host.name) if guesses >= 0 else ""
                literal = label is not None and "$" not in label.written
                yield Hit(
                    host.place,
                    f"com.docker.lb.hosts: {shown(host.name)} is none of the domains in {site.file}",
                    near or f"{' or '.join(site.domains[:5])}; or the name in that list",
                    fixes=write(host.place, near, safe=False) if near and literal else (),
                )


def _is_name(host: str) -> bool:
    """Whether nginx takes it for a name, or for many at once; other rules tell of what it does not."""
    return host.startswith("~") or NAME.fullmatch(host.removeprefix("*.").removesuffix(".*")) is not None
