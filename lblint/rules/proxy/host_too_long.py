"""A host name is longer than nginx's hash tables hold.

nginx keeps server names in buckets of a fixed size (`server_names_hash_bucket_size`, 128 by default here: 110 bytes of
name), and the names of TLS hosts in a second table whose buckets are smaller (`map_hash_bucket_size`, 64: 46 bytes).
One name that does not fit stops nginx at its next start. Since MKE 3.4.2 the first table grows by itself, so that a
long name is only an error for a version before (`--interlock-version`).
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.proxy import Trial
from lblint.rules import rule

_TABLES = {
    "proxy.limit.name-length": ("server_names_hash_bucket_size", "a server name"),
    "proxy.limit.sni-length": ("map_hash_bucket_size", "a TLS host"),
}


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=_TABLES)
def check(trial: Trial) -> Iterator[Hit]:
    ingress = trial.ingress
    known = ingress.version is not None or any(running.bucket and not running.proxy for running in ingress.running)
    for fault in trial.faults:
        if fault.kind in _TABLES:
            setting, what = _TABLES[fault.kind]
            sure = known or fault.kind != "proxy.limit.name-length"
            facts = fault.facts
            yield Hit(
                fault.place,
                f'"{facts["name"]}" has {facts["length"]} bytes, and {what} at most {facts["limit"]} '
                f"({setting} {facts['bucket']}): nginx does not start" + ("" if sure else " before MKE 3.4.2"),
                "a shorter host name",
                severity=None if sure else Severity.WARNING,
            )
