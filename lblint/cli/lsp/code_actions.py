"""What an editor offers beside a finding, apart from its protocol: the fixes, and a comment that silences it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types
from pygls.workspace import TextDocument

from lblint import UncheckedError
from lblint.cli import inputs
from lblint.cli.lsp.diagnostics import is_ours, lines_of, path_of, range_of, stacks_of
from lblint.finding import Finding, Fix
from lblint.lint import Options, Result
from lblint.source import Source

_REASON = "reason"
"""Stands for the words that the user has still to write."""


def actions_on(document: TextDocument, diagnostic: types.Diagnostic) -> Iterator[types.CodeAction]:
    """What can be done about a finding: its fixes, and a comment that silences it."""
    path, text = path_of(document), document.source
    if diagnostic.source != "lblint" or not diagnostic.code or not is_ours(path, text):
        return
    try:
        stacks, options = stacks_of(path, text)
        result = inputs.check_all(stacks, options)
        lines = lines_of(document)
        for finding in result.findings:
            if (
                finding.file == path
                and finding.rule == diagnostic.code
                and range_of(document, lines, finding.position) == diagnostic.range
            ):
                for fix in finding.fixes:
                    mended = _mended(stacks, options, finding, fix)
                    if mended not in (None, text):
                        unsafe = "" if fix.safe else " (look twice: it may change what is meant)"
                        yield _action(document, diagnostic, f"lblint: {fix.title}{unsafe}", mended or "", fix.safe)
        number = diagnostic.range.start.line
        line = lines[number] if number < len(lines) else ""
        end = sum(map(len, lines[:number])) + len(line.rstrip("\r\n"))
        silent = f"{text[:end]}  # lblint: ignore[{diagnostic.code}] {_REASON}{text[end:]}"
        before, after = _rules(result), _rules(inputs.check_all(*stacks_of(path, silent)))
    except UncheckedError:
        return
    if len(after) < len(before) and set(after) <= set(before):  # in a block of text, a comment is text
        yield _action(document, diagnostic, f"lblint: silence {diagnostic.code} here, with a reason", silent)


def _rules(result: Result) -> list[str]:
    return [finding.rule for finding in result.findings]


def _mended(stacks: Sequence[Sequence[Source]], options: Options, finding: Finding, fix: Fix) -> str | None:
    """The text with one finding mended; None where that makes nothing better."""
    from lblint.cli.fix import Disk
    from lblint.fix import mend

    def wanted(other: Finding) -> Fix | None:
        return fix if (other.rule, other.path, other.message) == (finding.rule, finding.path, finding.message) else None

    mended = mend(stacks, lambda now: inputs.check_all(now, options), Disk(stacks).reread, wanted)
    (now,) = {source.text for merged in mended.files for source in merged if source.name == finding.file}
    return now if mended.done else None


def _action(
    document: TextDocument, diagnostic: types.Diagnostic, title: str, text: str, preferred: bool = False
) -> types.CodeAction:
    """An edit that makes the document this text: one change, no larger than it must be."""
    old = document.source
    start = _common(old, text)
    same = _common(old[start:][::-1], text[start:][::-1])
    place = types.Range(_position(document, start), _position(document, len(old) - same))
    edit = types.TextEdit(place, text[start : len(text) - same])
    return types.CodeAction(title, types.CodeActionKind.QuickFix, [diagnostic], preferred,
                            edit=types.WorkspaceEdit({document.uri: [edit]}))  # fmt: skip


def _common(text: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))


def _position(document: TextDocument, offset: int) -> types.Position:
    """The place of a character of the document, as the editor counts."""
    before = lines_of(document, offset) or [""]
    ended = before[-1].endswith(("\r", "\n"))
    place = types.Position(len(before), 0) if ended else types.Position(len(before) - 1, len(before[-1]))
    return document.position_codec.position_to_client_units(lines_of(document), place)
