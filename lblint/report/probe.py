"""What proxies answered, as a table and for programs (schema 1: docs/json.md, schemas/probe.schema.json)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lblint.lint import Result
from lblint.probe.questions import Asked, Probed, Unasked
from lblint.report.json import as_dict
from lblint.report.text_table import table

HEAD = ("url", "service", "proxy", "answer")


def render_probe(probed: Sequence[Probed], unasked: Sequence[Unasked]) -> str:
    """Return a row for each request, in the order of hosts, and an empty line."""
    rows = [
        (asked.question.url, _service(asked), proxy.address, _answer(asked))
        for proxy in probed
        for asked in proxy.asked
    ]
    rows += [(left.host, "-", "-", f"not asked for: {left.reason}") for left in unasked]
    return table(HEAD, rows) + "\n"


def render_probe_json(probed: Sequence[Probed], unasked: Sequence[Unasked], result: Result) -> str:
    """Return one object with `schema`, `requests`, `unasked` and `findings`. Pure ASCII."""
    import json

    document = {
        "schema": 1,
        "requests": [_row(proxy, asked) for proxy in probed for asked in proxy.asked],
        "unasked": [{"host": left.host, "reason": left.reason} for left in unasked],
        "findings": [as_dict(finding) for finding in result.findings],
    }
    return json.dumps(document, indent=2) + "\n"


def _row(proxy: Probed, asked: Asked) -> dict[str, Any]:
    question, answer = asked
    return {
        "kind": str(question.kind),
        "url": question.url,
        "service": _service(asked),
        "cluster": proxy.cluster,
        "proxy": proxy.address,
        "status": answer.status or None,
        "location": answer.location,
        "certificate": answer.certificate,
        "error": answer.error,
    }


def _service(asked: Asked) -> str:
    return asked.question.route.service.name or asked.question.route.service.key


def _answer(asked: Asked) -> str:
    answer = asked.answer
    if not answer.status:
        return answer.error
    parts = [str(answer.status), *([f"to {answer.location}"] if answer.location else [])]
    return " ".join(parts) + (f" (certificate not trusted: {answer.certificate})" if answer.certificate else "")
