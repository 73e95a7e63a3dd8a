"""Rules on what a real nginx says about the rendered nginx.conf (`--nginx`)."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.proxy.nginx_test.program import NginxVerdict
from lblint.rules import rule


@rule(on=NginxVerdict, severity=Severity.ERROR, breaks=Breaks.PROXY)
def nginx_refuses_config(verdict: NginxVerdict) -> Iterator[Hit]:
    """The nginx that --nginx names refuses the config that is rendered from these labels.

    lblint itself works out what nginx refuses, without running it. With `--nginx` it also has a real nginx test the
    rendered config, after everything else has passed. That nginx may be older, or built with other modules, than the
    1.22 that lblint's limits are measured with. Certificates, logs and ports of the test are placeholders, so the
    refusal is about the values of the labels.
    """
    if verdict.message and verdict.place:
        where = "" if verdict.exact else " and does not say for which label"
        message = f"{os.path.basename(verdict.program)} -t refuses the config{where}"
        yield Hit(verdict.place, message, nginx=verdict.message)
