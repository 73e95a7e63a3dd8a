"""The fixes of findings for programs: which characters of which files give way to which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Finding, Fix, Position
from lblint.fix.document import Page, RefusedError, Splice
from lblint.fix.splices import splices
from lblint.lint import Result
from lblint.records import NamedTuple
from lblint.report.escape import plain, uri
from lblint.source import Source


class Replacement(NamedTuple):
    """`new` in the place of a stretch of a file."""

    file: str
    position: Position
    new: str


Drafts = list[tuple[Fix, list[Replacement]]]


class Writer:
    """Makes fixes into replacements; each file is looked at once."""

    def __init__(self, result: Result) -> None:
        read = {file for stack in result.checked.stacks for file in stack.files}
        self.sources = {
            name: source for name, source in result.checked.sources.items() if name in read or source.dialect == "toml"
        }
        self.pages = {name: Page(source) for name, source in self.sources.items()}

    def drafts(self, finding: Finding) -> Drafts:
        """The fixes of a finding that can be made here."""
        result: Drafts = []
        for fix in finding.fixes:
            try:
                made = splices(self.pages, fix)
            except RefusedError:
                continue
            result.append((fix, [
                Replacement(file, self.sources[file].lines.between(replacement.start, replacement.end), replacement.new)
                for file in made for replacement in made[file]
            ]))  # fmt: skip
        return result

    def one_range(self, finding: Finding) -> list[Replacement]:
        """Each fix that keeps to the finding's file as one replacement, with what lies between its changes."""
        replacements: list[Replacement] = []
        for fix in finding.fixes:
            try:
                made = splices(self.pages, fix)
            except RefusedError:
                continue
            if set(made) == {finding.file} and made[finding.file]:
                replacements.append(_joined(self.sources[finding.file], finding.file, made[finding.file]))
        return replacements


def _joined(source: Source, file: str, made: list[Splice]) -> Replacement:
    start, end = made[0].start, made[-1].end
    new, at = "", start
    for splice in made:
        new += source.text[at : splice.start] + splice.new
        at = splice.end
    return Replacement(file, source.lines.between(start, end), new)


def as_json(drafts: Drafts) -> list[dict[str, Any]]:
    """As the json format has them."""
    return [
        {
            "title": fix.title,
            "safe": fix.safe,
            "edits": [{"file": replacement.file, **_place(replacement), "text": replacement.new} for replacement in of],
        }
        for fix, of in drafts
    ]


def _place(replacement: Replacement) -> Mapping[str, int]:
    line, column, end_line, end_column = replacement.position
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def as_sarif(drafts: Drafts) -> list[dict[str, Any]]:
    """As SARIF has them (3.55): one change for each file."""
    return [
        {
            "description": {"text": plain(fix.title) + ("" if fix.safe else " (this may not be what was meant)")},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": uri(file)},
                    "replacements": [
                        {"deletedRegion": _region(replacement.position), "insertedContent": {"text": replacement.new}}
                        for replacement in of if replacement.file == file
                    ],
                }
                for file in dict.fromkeys(replacement.file for replacement in of)
            ],
        }
        for fix, of in drafts if of
    ]  # fmt: skip


def _region(position: Position) -> Mapping[str, int]:
    return dict(zip(("startLine", "startColumn", "endLine", "endColumn"), position, strict=True))
