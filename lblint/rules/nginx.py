"""Rules on what a real nginx says of the trial nginx.conf (`--nginx`)."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.proxy.nginx_test.program import NginxVerdict
from lblint.rules import rule


@rule(on=NginxVerdict, severity=Severity.ERROR, breaks=Breaks.PROXY)
def nginx_refuses_config(verdict: NginxVerdict) -> Iterator[Hit]:
    """The nginx that was named with --nginx does not start with the config that these labels make.

    lblint works out by itself what nginx refuses, and asks no nginx. With `--nginx` it has the same config tried by a
    real one, after everything else has passed: the one that you have may be built otherwise or be older than the one
    that lblint's limits are measured with. Certificates, logs and ports are stand-ins of the trial, so a refusal is
    about the values of the labels.
    """
    if verdict.message and verdict.place:
        where = "" if verdict.exact else ", and does not say for which label"
        yield Hit(verdict.place, f"{os.path.basename(verdict.program)} -t refuses the config{where}: {verdict.message}")
