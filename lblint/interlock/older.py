"""Routes as an older version of UCP or MKE reads them: labels that it does not know have no effect."""

from __future__ import annotations

from lblint.interlock.label_table import LABELS
from lblint.interlock.route import Ingress, Route
from lblint.interlock.routes import replicas
from lblint.interlock.version import Version, reached


def as_read_by(ingress: Ingress, version: Version | None) -> Ingress:
    """The ingress without what the version does not know; as it is where the version is not known."""
    if version is None or all(reached(version, spec.since) is not False for spec in LABELS.values()):
        return ingress
    return ingress._replace(routes=tuple(_route(route, version) for route in ingress.routes))


def _route(route: Route, version: Version) -> Route:
    def knows(name: str) -> bool:
        return reached(version, LABELS[name].since) is not False

    if route.vip and not knows("backend_mode"):
        route = route._replace(vip=False, targets=replicas(route.service.config))
    if not knows("max_fails"):
        route = route._replace(max_fails=None)
    if not knows("fail_timeout"):
        route = route._replace(fail_timeout=None)
    return route
