"""Fixes: bytes outside of them stay, they are made once, and they make it better."""

from __future__ import annotations

import difflib
import inspect
import json
import re
import sys
from pathlib import Path

import pytest
from fixed import files_of, fixed, mended
from fixture import FIXTURES, mains, options

from lblint import rules
from lblint.finding import Severity
from lblint.lint import check_stacks, make_options
from lblint.report import render
from lblint.report.rule_page import fixes_of
from lblint.source import read

BAD = [
    pytest.param(path, id=f"{path.parent.name}/{path.stem}")
    for path in mains(FIXTURES / "rules", "*/bad*.*")
    if path.suffix != ".json"
]

HEAD = "services:\n  web:\n    image: a/b:1\n    networks: [front]\n"
TAIL = "networks:\n  front: {external: true}\n"


def stack(labels: str) -> str:
    """A stack with these lines of labels."""
    return f"{HEAD}    deploy:\n      labels:\n{labels}{TAIL}"


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
@pytest.mark.parametrize("path", BAD)
def test_bad_fixture_gives_its_golden_files(path: Path, unsafe: bool, update: bool) -> None:
    """What --fix makes of it lies beside it as `.fixed`, and with --unsafe-fixes as `.unsafe` where that is more."""
    given, _ = options(path)
    files = files_of(path)
    after = mended(files, given, unsafe)
    again = mended(after.files, given, unsafe)
    assert [s.text for merged in again.files for s in merged] == [s.text for merged in after.files for s in merged]
    safe = mended(files, given).files if unsafe else files
    for old, new, less in zip(*(sum(map(list, one), []) for one in (files, after.files, safe)), strict=True):  # noqa: RUF017
        golden = path.with_name(old.name).with_suffix(".unsafe" if unsafe else ".fixed")
        text = new.text if new.text != less.text else None
        if update and text is not None:
            golden.write_bytes(text.encode())
        elif update:
            golden.unlink(missing_ok=True)
        assert text == (golden.read_bytes().decode() if golden.exists() else None)
    before = check_stacks(files, given)
    assert len(after.result.findings) <= len(before.findings)
    assert sum(f.severity is Severity.ERROR for f in after.result.findings) <= sum(
        f.severity is Severity.ERROR for f in before.findings
    )


@pytest.mark.parametrize(
    ("labels", "wanted"),
    [
        pytest.param("        com.docker.lb.hosts: http://a.example.org # the host\n        com.docker.lb.port: 80\n",
                     "        com.docker.lb.hosts: a.example.org # the host\n        com.docker.lb.port: 80\n",
                     id="scheme, with a comment"),
        pytest.param("        - 'com.docker.lb.hosts=a.example.org, b.example.org'\n        - com.docker.lb.port=80\n",
                     "        - 'com.docker.lb.hosts=a.example.org,b.example.org'\n        - com.docker.lb.port=80\n",
                     id="list, in its quotes"),
        pytest.param('        {"com.docker.lb.host": "a.example.org", "com.docker.lb.port": "80/tcp"}\n',
                     '        {"com.docker.lb.hosts": "a.example.org", "com.docker.lb.port": "80"}\n',
                     id="braces"),
        pytest.param("        com.docker.lb.hosts: |\n          a.example.org\n        com.docker.lb.port: 80\n",
                     "        com.docker.lb.hosts: a.example.org\n        com.docker.lb.port: 80\n", id="block text"),
        pytest.param("        com.docker.lb.hosts: a.example.org\n        com.docker.lb.port: 80\n"
                     "        com.docker.lb.ip_hash: True\n",
                     "        com.docker.lb.hosts: a.example.org\n        com.docker.lb.port: 80\n"
                     '        com.docker.lb.ip_hash: "true"\n', id="boolean"),
        pytest.param("        com.docker.lb.hosts: ${HOST}\n        com.docker.lb.port: 80/${PROTOCOL}\n", "",
                     id="variables stay"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CR LF"])
def test_only_what_is_wrong_changes(labels: str, wanted: str, newline: str) -> None:
    old, new = (stack(part).replace("\n", newline) for part in (labels, wanted or labels))
    assert fixed(old) == new
    assert fixed(old.rstrip()) == new.rstrip(), "no line break at the end stays none"


def test_a_file_with_nothing_to_fix_stays() -> None:
    text = stack("        com.docker.lb.hosts: a.example.org\n        com.docker.lb.port: 80\n")
    assert fixed(text) == text


def test_labels_move_with_their_comments_and_quotes() -> None:
    labels = "    labels:\n      com.docker.lb.hosts: 'a.example.org' # host\n      com.docker.lb.port: 80\n"
    text = HEAD + labels + TAIL
    moved = "        com.docker.lb.hosts: 'a.example.org' # host\n        com.docker.lb.port: 80\n"
    assert fixed(text) == stack(moved)


def test_a_block_that_moves_takes_its_comments_along() -> None:
    text = HEAD + (
        "    labels:\n      # who asks for it\n      com.docker.lb.hosts: a.example.org\n\n"
        "      # com.docker.lb.ip_hash: 'true'\n      com.docker.lb.port: 80\n    # the end\n"
    ) + TAIL  # fmt: skip
    assert fixed(text) == HEAD + (
        "    deploy:\n      labels:\n        # who asks for it\n        com.docker.lb.hosts: a.example.org\n\n"
        "        # com.docker.lb.ip_hash: 'true'\n        com.docker.lb.port: 80\n    # the end\n"
    ) + TAIL  # fmt: skip
    said = fixed(text.replace("labels:", "labels: # all"))
    assert "      labels:\n        # all\n        # who asks for it\n" in said
    stays = text.replace("    # the end", "      other: label\n    # the end")
    assert "      # com.docker.lb.ip_hash: 'true'\n      other: label\n" in fixed(stays)


def test_what_an_anchor_takes_elsewhere_is_not_written_over() -> None:
    text = stack("        com.docker.lb.hosts: a.example.org\n        com.docker.lb.port: &port 080\n")
    text = text.replace("    networks: [front]\n", "    networks: [front]\n    hostname: *port\n", 1)
    assert "hostname" in text
    text = text.replace("    hostname: *port\n", "") + "x-port: *port\n"
    assert "&port" in fixed(text)


def test_changes_are_where_the_findings_were() -> None:
    labels = "        com.docker.lb.host: a.example.org\n        # a comment: stays\n        com.docker.lb.port: 080\n"
    text = stack(labels)
    changed = [line for line in difflib.ndiff(text.splitlines(), fixed(text).splitlines()) if line[:1] in "+-"]
    assert changed == [
        "-         com.docker.lb.host: a.example.org",
        "+         com.docker.lb.hosts: a.example.org",
        "-         com.docker.lb.port: 080",
        '+         com.docker.lb.port: "80"',
    ]


def applied(text: str, edits: list[tuple[int, int, int, int, str]]) -> str:
    """A text with edits by lines and columns, as a program makes them."""
    starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
    for line, column, end_line, end_column, new in sorted(edits, reverse=True):
        start, end = starts[line - 1] + column - 1, starts[end_line - 1] + end_column - 1
        text = text[:start] + new + text[end:]
    return text


LABELS = "        com.docker.lb.hosts: http://bücher.example.org # ü\n        com.docker.lb.port: 80\n"


MOVED = "    labels: # ä\n      com.docker.lb.hosts: a.example.org\n      com.docker.lb.port: 80\n"


@pytest.mark.parametrize("text", [
    pytest.param(stack(LABELS).replace("bücher", "buecher"), id="one value"),
    pytest.param(HEAD + MOVED + TAIL, id="a block that moves"),
])  # fmt: skip
def test_programs_that_apply_a_fix_get_what_fix_writes(text: str) -> None:
    run = check_stacks([[read(text.encode(), "stack.yml")]], make_options(env={}))
    (fix,) = {json.dumps(one["fixes"]) for one in json.loads(render("json", run))["findings"] if one["fixes"]}
    edits = [(e["line"], e["column"], e["end_line"], e["end_column"], e["text"]) for e in json.loads(fix)[0]["edits"]]
    assert applied(text, edits) == fixed(text)

    sarif = json.loads(render("sarif", run))["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0]
    assert sarif["artifactLocation"]["uri"] == "stack.yml"
    regions = [(*(one["deletedRegion"][key] for key in ("startLine", "startColumn", "endLine", "endColumn")),
                one["insertedContent"]["text"]) for one in sarif["replacements"]]  # fmt: skip
    assert applied(text, regions) == fixed(text)

    (one,) = json.loads(render("rdjson", run))["diagnostics"][0]["suggestions"]
    points = (*one["range"]["start"].values(), *one["range"]["end"].values())
    as_bytes = applied(text.encode().decode("latin-1"), [(*points, one["text"].encode().decode("latin-1"))])
    assert as_bytes.encode("latin-1").decode() == fixed(text)


def source_of(rule: rules.Rule) -> str:
    """The text of a rule and of all functions of its module that it leads to."""
    module = sys.modules[rule.check.__module__]
    own = {name: made for name, made in vars(module).items() if inspect.isfunction(made)}
    own = {name: made for name, made in own.items() if made.__module__ == module.__name__ and name.startswith("_")}
    text, waiting = inspect.getsource(rule.check), True
    while waiting:
        met = {name for name in own if re.search(rf"\b{name}\(", text)}
        waiting = bool(met)
        text += "".join(inspect.getsource(own.pop(name)) for name in sorted(met))
    return text


def test_every_rule_with_a_fix_has_a_fixture_that_shows_it() -> None:
    able, shown, shared = set(), set(), set()
    for name, rule in rules.load().items():
        source = source_of(rule)
        shared |= {name} if "problem_hit" in source else set()
        able |= {name} if re.search(r"fixes=|_fix\(|_fixes\.|value_hit", source) else set()
        shown |= {name} if any(fixes_of(name)) else set()
    assert able <= shown <= able | shared
