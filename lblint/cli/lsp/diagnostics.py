"""A document in an editor -> what lblint finds in it, in the words of the protocol."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from lsprotocol import types
from pygls.workspace import TextDocument

from lblint import UncheckedError
from lblint.cli import files, inputs
from lblint.cli.options import DEFAULT_MAX_FINDINGS
from lblint.cli.other_tools import other_tool
from lblint.finding import Finding, Position, Severity
from lblint.lint import Options, make_options
from lblint.report.escape import whole
from lblint.report.finding_limit import listed
from lblint.source import MAX_BYTES, Source, read

_SEVERITY = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_EXTENSIONS = re.compile(r"^[ \t]*\[Extensions\b", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def diagnostics(document: TextDocument) -> Iterator[types.Diagnostic]:
    """The findings of a document; what keeps it from being checked is one of its own, at its top."""
    path = path_of(document)
    if is_settings(path):
        yield from _of_settings(document, path)
        return
    if not is_ours(path, document.source):
        return
    try:
        result = inputs.check_all(*stacks_of(path, document.source))
    except UncheckedError as error:
        yield _unchecked(str(error))
        return
    for _, sentence in result.unchecked:
        yield _unchecked(f"not checked: {sentence}")
    lines = lines_of(document)
    for finding in listed(result._replace(most=DEFAULT_MAX_FINDINGS)):
        if finding.file == path:
            yield _diagnostic(document, lines, finding)


def is_settings(path: str) -> bool:
    """Whether a path or URI is that of a `.lblint.yml`."""
    return path.rpartition("/")[2] in files.SETTINGS


def _of_settings(document: TextDocument, path: str) -> Iterator[types.Diagnostic]:
    """What is wrong with a `.lblint.yml`: with its text and, where that is sound and saved, with what it names."""
    from lblint import rules
    from lblint.cli import settings
    from lblint.settings import SettingsError, read_settings

    folder = os.path.dirname(path)
    try:
        held = read_settings(_bytes(document.source), path, folder, rules.load)
    except SettingsError as error:
        for line in str(error).splitlines():
            yield _mistake(document, line.removeprefix(f"{path}:"))
        return
    try:
        if os.path.isabs(path) and files.content(path) == _bytes(document.source):
            settings.options_under(settings.load(path, [folder]), Options(), [stack.files for stack in held.stacks])
    except files.UnreadableError:  # it has not been saved yet
        return
    except UncheckedError as error:
        for line in str(error).splitlines():
            yield _mistake(document, line)


def _mistake(document: TextDocument, sentence: str) -> types.Diagnostic:
    """A sentence on settings, at the line and column that it begins with, or at the top."""
    match = re.match(r"\s*(\d+):(\d+): (.*)", sentence)
    if match is None:
        return _unchecked(sentence)
    line, column = int(match[1]) - 1, int(match[2]) - 1
    lines = lines_of(document)
    end = len(lines[line].rstrip()) if line < len(lines) else column
    place = types.Range(types.Position(line, column), types.Position(line, max(end, column)))
    shown = document.position_codec.range_to_client_units(lines, place)
    return types.Diagnostic(shown, match[3], types.DiagnosticSeverity.Error, source="lblint")


def lines_of(document: TextDocument, end: int | None = None) -> list[str]:
    """The lines of a document with their ends, as the protocol has them: Python's own splitlines knows more ends.

    `end` is the character to stop at."""
    return _LINE.findall(document.source[:end])


def path_of(document: TextDocument) -> str:
    """The path of a document's file, or its URI where it has none."""
    return document.path or document.uri


def is_ours(path: str, text: str) -> bool:
    """Whether a document is a stack file, or Interlock's config: editors open all kinds of YAML."""
    if inputs.is_config(path):
        return _EXTENSIONS.search(text) is not None
    content = _bytes(text)
    return (files.is_stack_name(path) or files.reads_like_a_stack(path, content)) and not other_tool(content)


def _bytes(text: str) -> bytes:
    """A text as the bytes of its file. What an editor sends may hold halves of a character."""
    return text.encode("utf-8", "replace")[: MAX_BYTES + 1]


def stacks_of(path: str, text: str) -> tuple[list[list[Source]], Options]:
    """The stacks that a document is a part of, with its text in the place of the file, and the options for them.

    Raises `UncheckedError` for settings and files beside it that cannot be read.
    """
    from lblint.cli import settings
    from lblint.stack.docker_versions import client

    options, names, held = make_options(processes=1), [[path]], None
    above = files.settings_above(os.path.dirname(path), {}) if os.path.isabs(path) else ""
    try:
        if above:
            held = settings.load(above, [os.path.dirname(path)])
            names = settings.whole(held, names, None)
            options = settings.options_under(held, options, names)
        dialect = client(options.stack.client).dialect
        read_all = [
            [_source(text, n, dialect) if n == path else files.load(n, dialect) for n in stack] for stack in names
        ]
    except files.UnreadableError as error:
        raise UncheckedError(str(error)) from None
    if held is None or not held.baseline:
        return read_all, options
    from lblint.cli.baseline import beside

    return read_all, beside(inputs.Run(read_all, options, held), "").options


def _source(text: str, path: str, dialect: str) -> Source:
    if inputs.is_config(path):
        from lblint.source.toml import read_toml

        return read_toml(_bytes(text), path)
    return read(_bytes(text), path, dialect)


def range_of(document: TextDocument, lines: Sequence[str], at: Position) -> types.Range:
    """Return a position as the editor counts."""
    place = types.Range(types.Position(at.line - 1, at.column - 1), types.Position(at.end_line - 1, at.end_column - 1))
    return document.position_codec.range_to_client_units(lines, place)


def _diagnostic(document: TextDocument, lines: Sequence[str], finding: Finding) -> types.Diagnostic:
    """Return a finding as a diagnostic, with its further places in the same document."""
    related = [
        types.DiagnosticRelatedInformation(types.Location(document.uri, range_of(document, lines, at)), "also here")
        for file, at, _ in finding.related
        if file == finding.file
    ]
    return types.Diagnostic(
        range_of(document, lines, finding.position),
        whole(finding),
        _SEVERITY[finding.severity],
        finding.rule,
        source="lblint",
        related_information=related or None,
    )


def _unchecked(sentence: str) -> types.Diagnostic:
    top = types.Range(types.Position(0, 0), types.Position(0, 1))
    return types.Diagnostic(top, sentence, types.DiagnosticSeverity.Error, source="lblint")
