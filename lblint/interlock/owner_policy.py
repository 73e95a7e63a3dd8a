"""What the owners of an ingress allow, as `.lblint.yml` says it: domains, networks, service clusters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lblint.records import NamedTuple
from lblint.spelling import distance, nearest


class Site(NamedTuple):
    """The lists that a site keeps; an empty one is not kept, and allows everything.

    `file` is where they stand, for messages. `domains` are names, or `*.` and a name, in lower case. `clusters` are the
    values that `com.docker.lb.service_cluster` may have, `networks` the Swarm names of the networks that a proxy may
    join, with `*` for any text. `publish_mode` is that of the proxies, `ingress` or `host`; "" where it is not known.
    `access` are the collections that service clusters are for, by the name of the cluster, "" for the default one.
    """

    file: str = ""
    domains: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    publish_mode: str = ""
    access: Mapping[str, tuple[str, ...]] = {}

    def collections(self, cluster: str) -> tuple[str, ...]:
        """The collections that a service cluster is for; none where the settings do not say. One that is called
        `default` is in the settings under the same name as the cluster without a name."""
        return self.access.get("" if cluster == "default" else cluster, ())


ACCESS_LABEL = "com.docker.ucp.access.label"
"""The label of UCP and MKE with the path of the collection that a service, network, secret or config is in."""


def in_collection(path: str, collection: str) -> bool:
    """Whether a collection is another one or lies below it: what is granted on one is granted on those below."""
    own, other = path.strip().rstrip("/"), collection.strip().rstrip("/")
    return own == other or own.startswith(other + "/")


_SLIPS = 2
"""So many single edits (letters too many, too few, wrong or swapped) are taken for a typing error."""


def allows(domains: Iterable[str], host: str) -> bool:
    """Whether a host name, or a wildcard (`*.apps.example.com`), is one of the domains or covered by one.

    A domain `*.apps.example.com` covers all names below, at any depth, as nginx's wildcards do, but not the name
    `apps.example.com` itself. Names match without regard to case; a dot at the end does not count.
    """
    name = _plain(host)
    return any(name == domain or (domain.startswith("*.") and name.endswith(domain[1:])) for domain in domains)


def meant(domains: Iterable[str], host: str) -> str:
    """The allowed name that a host name outside was probably meant to be; "" where none is near."""
    name = _plain(host)
    known = tuple(domains)
    names = [domain for domain in known if not domain.startswith("*.")]
    whole = nearest(name, names, _SLIPS)
    best, closest = (distance(name, whole, _SLIPS), whole) if whole else (_SLIPS + 1, "")
    for domain in known:
        if domain.startswith("*."):
            front, end = _front_and_end(name, domain.count("."))
            slips = distance(end, domain[2:], _SLIPS) if front else best
            if slips < best:
                best, closest = slips, f"{front}.{domain[2:]}"
    return closest


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")


def _front_and_end(name: str, labels: int) -> tuple[str, str]:
    """A name without its last `labels` labels, and those; the front is "" where there are no more."""
    parts = name.split(".")
    return ".".join(parts[:-labels]), ".".join(parts[-labels:])
