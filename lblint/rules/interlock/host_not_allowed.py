"""The label names a host that the settings do not list for this ingress.

`domains` in `.lblint.yml` are the names that lead to the proxies: their DNS records point there, and their certificates
are there. Requests for any other name never arrive. Mostly it is a typing error, which nobody notices until users do;
else the name is to be added to the list, with its DNS record.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.domains import allows, meant
from lblint.interlock.hosts import NAME
from lblint.interlock.values import shown
from lblint.rules import rule


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
    for route in ingress.routes:
        label = route.label("hosts")
        for host in route.hosts if not (label and label.unset) else ():
            if NAME.fullmatch(host.name.removeprefix("*.")) and not allows(site.domains, host.name):
                from lblint.rules._mend import write

                near = meant(site.domains, host.name)
                literal = label is not None and "$" not in label.written
                yield Hit(
                    host.place,
                    f"com.docker.lb.hosts: {shown(host.name)} is none of the domains in {site.file}",
                    near or f"{' or '.join(site.domains[:5])}; or the name in that list",
                    fixes=write(host.place, near, safe=False) if near and literal else (),
                )
