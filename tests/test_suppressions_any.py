"""Comments at any place of any fixture: what is read as a comment is none of the data, what is data silences nothing,
and no comment reaches beyond its line and block."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from fixture import FIXTURES, mains, options
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lblint.finding import Finding
from lblint.lint import Result, check_stacks
from lblint.source import Source, read
from lblint.source.comments import comments
from lblint.source.suppressions import suppressions
from lblint.source.toml import read_toml

STACKS = [path for folder in ("cases", "stacks", "rules") for path in mains(FIXTURES / folder, "**/*.yml")]
CONFIGS = mains(FIXTURES / "rules", "*/*.toml")
SPEECH = "# lblint: ignore[invalid-host] they know"
BITS = (
    SPEECH, "# lblint: ignore-file[a-b] they know", "#lblint: off", "\t" + SPEECH, "#", f"- {SPEECH}", f"x: {SPEECH}",
    f"? {SPEECH}", f"- - {SPEECH}", f"[ {SPEECH}", f"}} {SPEECH}", "|", ">-", "'", '"', '"""', "'''", "{", "}", "[",
    "]", ",", "&a", "*a", "!!str", "!x", "<<: *a", "? ", ": ", "---", "...", "%YAML 1.1", "\u0085", "\u2028", "\r",
    "\ufeff",
)  # fmt: skip
EDITS = st.lists(st.tuples(st.sampled_from(BITS), st.floats(0, 1), st.floats(0, 1), st.integers(0, 3)), max_size=6)


def edited(text: str, edits: list[tuple[str, float, float, int]]) -> str:
    """The text with bits at the ends of lines, on lines of their own, and in the middle of lines."""
    lines = text.split("\n")
    for bit, where, far, how in edits:
        at = min(int(where * len(lines)), len(lines) - 1)
        line = lines[at]
        cut = int(far * len(line))
        if how == 0:
            lines[at] = f"{line} {bit}"
        elif how == 1:
            lines.insert(at, " " * int(far * 9) + bit)
        else:
            lines[at] = line[:cut] + " " * (how == 3) + bit + "\n" * bit.endswith("know") + line[cut:]
    return "\n".join(lines)


def again(text: str) -> Source:
    """The source of a text that was read already: the mark at its beginning, of which one is taken off, is put back."""
    return read(("\ufeff" + text).encode(), "x")


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with other words in its comments."""
    for start, end in reversed(spans):
        text = text[:start] + "#" * (end - start) + text[end:]
    return text


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STACKS), EDITS)
def test_a_comment_is_none_of_the_data(path: Path, edits: list[tuple[str, float, float, int]]) -> None:
    source = read(edited(path.read_text("utf-8", "replace"), edits).encode("utf-8", "replace"), "x")
    spans = [(comment.start, comment.end) for comment in comments(source)]
    suppressions(source)
    for start, end in spans:
        assert source.text[start] == "#"
        assert not re.search("[\n\r\x85\u2028\u2029]", source.text[start:end])
    bare = again(without(source.text, spans))
    assert repr(bare.data) == repr(source.data)
    if source.root is None:
        assert spans == []


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STACKS), EDITS)
def test_what_is_no_comment_is_data(path: Path, edits: list[tuple[str, float, float, int]]) -> None:
    """Up to the end of the document; but for what is lost with a key that stands twice, or that is no text."""
    source = read(edited(path.read_text("utf-8", "replace"), edits).encode("utf-8", "replace"), "x")
    if source.root is None or any(type(f).__name__ in ("DuplicateKey", "NonStringKey") for f in source.faults):
        return
    spans = [(comment.start, comment.end) for comment in comments(source)]
    for word in re.finditer("lblint", source.text[: source.root.end]):
        if not any(start <= word.start() < end for start, end in spans):
            other = source.text[: word.start()] + "LBLINT" + source.text[word.end() :]
            assert repr(again(other).data) != repr(source.data)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CONFIGS), EDITS)
def test_comments_of_a_config_are_none_of_its_data(path: Path, edits: list[tuple[str, float, float, int]]) -> None:
    source = read_toml(edited(path.read_text("utf-8", "replace"), edits).encode("utf-8", "replace"), "x.toml")
    spans = [(comment.start, comment.end) for comment in comments(source)]
    suppressions(source)
    assert repr(read_toml(without(source.text, spans).encode(), "x.toml").data) == repr(source.data)
    for word in re.finditer("lblint", source.text) if source.data is not None else ():
        if not any(start <= word.start() < end for start, end in spans):
            other = source.text[: word.start()] + "LBLINT" + source.text[word.end() :]
            assert repr(read_toml(other.encode(), "x.toml").data) != repr(source.data)


@cache
def plain(path: Path) -> tuple[str, Result]:
    """A fixture in block style alone, and what is found in it."""
    text = path.read_bytes().decode("utf-8", "replace")
    return text, run(path, text)


def run(path: Path, text: str) -> Result:
    chosen, _ = options(path)
    return check_stacks([[read(text.encode(), "x.yml")]], chosen)


def indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def reach(lines: list[str], at: int) -> set[int]:
    """The lines that the block of line `at` takes, by indentation alone."""
    own = indent(lines[at])
    taken = {at}
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        listed = indent(line) == own and line.lstrip().startswith("- ") and lines[at].rstrip().endswith(":")
        if indent(line) <= own and not listed:
            break
        taken.add(number)
    return taken


def spoken_of(lines: list[str], at: int, alone: bool) -> set[int]:
    """The most that a comment may silence: that goes at the end of line `at`, or alone in front of it."""
    line = lines[at]
    if alone or line.rstrip().endswith((":", "|", ">", "-", "[", "{")) or re.search(r"[&!]\S*$", line):
        return reach(lines, at)
    return {at}


NOT_BY_INDENT = re.compile(r"<<|[&*]\w|[{\[]\s*(#.*)?$|^%|^---", re.MULTILINE)
"""Aliases, brackets over several lines, documents: what a comment speaks of is not to be seen from the indentation."""
SIMPLE = [path for path in STACKS if not NOT_BY_INDENT.search(path.read_text("utf-8", "replace"))]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.sampled_from(SIMPLE), st.floats(0, 1), st.booleans(), st.data())
def test_no_comment_reaches_beyond_its_block(path: Path, where: float, alone: bool, data: st.DataObject) -> None:
    text, before = plain(path)
    own = sorted({f.rule for f in before.findings if f.file == "x.yml"})
    lines = text.splitlines()
    if not own or not lines:
        return
    at = min(int(where * len(lines)), len(lines) - 1)
    rules = data.draw(st.lists(st.sampled_from(own), min_size=1, unique=True))
    comment = f"# lblint: ignore[{', '.join(rules)}] they know"
    line = lines[at]
    if not line.strip() or line.lstrip().startswith("#"):
        return
    more = [*lines[:at], " " * indent(line) + comment, line, *lines[at + 1 :]] if alone else [
        *lines[:at], f"{line}  {comment}", *lines[at + 1 :]]  # fmt: skip
    result = run(path, "\n".join(more) + "\n")
    allowed = {number + 1 + alone * (number >= at) for number in spoken_of(lines, at, alone)}
    for one in result.silenced:
        assert one.finding.rule in rules
        assert one.finding.position.line in allowed, (path, at + 1, one.finding)

    def told(findings: list[Finding]) -> list[tuple[str, str]]:
        return sorted((f.rule, f.message) for f in findings if not f.rule.startswith("suppression-"))

    real = list(comments(read("\n".join(more).encode(), "x.yml")))
    if real and not any("line" in finding.message for finding in before.findings):
        silenced = [one.finding for one in result.silenced]
        trial = [f for f in result.findings if f.rule not in {b.rule for b in before.findings}]
        left = [f for f in result.findings if f not in trial]
        assert told([*left, *silenced]) == told(list(before.findings)), "each is found once, silenced or not"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(STACKS), EDITS)
def test_any_comment_is_judged(path: Path, edits: list[tuple[str, float, float, int]]) -> None:
    """Whatever it is, it ends in findings."""
    result = run(path, edited(path.read_text("utf-8", "replace"), edits).encode("utf-8", "replace").decode())
    assert all(one.reason for one in result.silenced)
