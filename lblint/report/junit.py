"""The junit format: findings as tests, for pipelines that show nothing else."""

from __future__ import annotations

from lblint.finding import Finding, Severity
from lblint.lint import Result
from lblint.report.escape import relative, unchecked, whole
from lblint.report.finding_limit import listed
from lblint.report.xml import HEAD, element, leaf

_Case = tuple[str, str]
"""What has become of a test (failure, error, or nothing), and its element."""


def render_junit(result: Result) -> str:
    """A suite for every file. An error is a failed test; a warning or an info one that passes, with its text as output,
    for JUnit knows nothing between; a file that could not be checked has an error; a clean file is one test that
    passes. `--fail-on` has no part in it. Pure ASCII."""
    suites: dict[str, list[_Case]] = {file: [] for file in result.checked.sources}
    for finding in listed(result):
        suites.setdefault(finding.file, []).append(_case(finding))
    for file, reason in result.unchecked:
        error = leaf("error", [("message", unchecked(reason)), ("type", "unchecked")], "")
        suites.setdefault(file, []).append(("error", _test("unchecked", file, 1, error)))
    for file, cases in suites.items():
        if not cases:
            cases.append(("", _test("no findings", file, 1)))
    inside = [_suite("testsuite", relative(file), cases, *(xml for _, xml in cases)) for file, cases in suites.items()]
    cases = [case for of_file in suites.values() for case in of_file]
    return HEAD + _suite("testsuites", "lblint", cases, *inside)


def _case(finding: Finding) -> _Case:
    line, column = finding.position[:2]
    name = f"{finding.rule} at {line}:{column}"
    if finding.severity is not Severity.ERROR:
        return "", _test(name, finding.file, line, leaf("system-out", [], f"{finding.severity}: {whole(finding)}"))
    text = f"{relative(finding.file)}:{line}:{column}: {whole(finding)}"
    message = whole(finding).partition("\n")[0]
    failure = leaf("failure", [("message", message), ("type", finding.rule)], text)
    return "failure", _test(name, finding.file, line, failure)


def _test(name: str, file: str, line: int, *inside: str) -> str:
    where = relative(file)
    attributes = (("name", name), ("classname", where), ("file", where), ("line", line), ("time", 0))
    return element("testcase", attributes, *inside)


def _suite(kind: str, name: str, cases: list[_Case], *inside: str) -> str:
    ends = [end for end, _ in cases]
    counts = (("tests", len(cases)), ("failures", ends.count("failure")), ("errors", ends.count("error")))
    skipped = [("skipped", 0)] if kind == "testsuite" else []
    return element(kind, [("name", name), *counts, *skipped, ("time", 0)], *inside)
