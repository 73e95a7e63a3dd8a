"""What stays of a finding when lines move: for whoever compares two runs."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.lint import Result
from lblint.lint.baseline import keys, quoted
from lblint.report.escape import relative


def fingerprints(result: Result) -> Iterator[str]:
    """For each finding, and then each that is silenced, a name of 32 hexadecimal digits, no two alike in a run: a hash
    of the rule, the file, the keys that lead to the place and the text that stands there. Neither a line number nor an
    index of a list is in it, nor the message, which a new version may word better. Of several that are alike, the first
    in the file keeps its name when another one follows, or when one is silenced."""
    from hashlib import sha256

    findings = [*result.findings, *(entry.finding for entry in result.silenced)]
    order = (
        sorted(range(len(findings)), key=lambda at: findings[at].position) if result.silenced else range(len(findings))
    )
    names = [""] * len(findings)
    seen: dict[tuple[str, ...], int] = {}
    for at in order:
        finding = findings[at]
        text = quoted(finding, result.checked.sources.get(finding.file))
        key = (finding.rule, relative(finding.file), text, *keys(finding))
        count = seen[key] = seen.get(key, 0) + 1
        identity = "\0".join(f"{len(part)}:{part}" for part in (*key, str(count)))
        names[at] = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return iter(names)
