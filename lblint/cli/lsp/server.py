"""The language server: documents of an editor -> findings, and pages on what the cursor is on.

pygls (https://pygls.readthedocs.io) speaks the protocol; here is only what lblint has to say. Each document is checked
by itself, as `lblint check FILE` would check its text; a `.lblint.yml` shows its own mistakes, and when it is saved,
all open documents are checked again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from lblint import __version__, rules
from lblint.cli.lsp.code_actions import actions_on
from lblint.cli.lsp.diagnostics import diagnostics, is_settings, lines_of
from lblint.interlock import LABELS, PREFIX

if TYPE_CHECKING:
    import asyncio

PAUSE = 0.3
"""Seconds without a change before a document that was changed is checked."""
_LABEL = re.compile(re.escape(PREFIX) + r"([A-Za-z0-9_]+)")
_IGNORED = re.compile(r"lblint: ignore(?:-file)?\[([^\]]*)\]")


def server() -> LanguageServer:
    """A server that has not been started."""
    made = LanguageServer("lblint", f"v{__version__}", text_document_sync_kind=types.TextDocumentSyncKind.Full)

    checks = Checks(made)

    @made.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(asked: types.DidOpenTextDocumentParams) -> None:
        checks.run(asked.text_document.uri)

    @made.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(asked: types.DidChangeTextDocumentParams) -> None:
        checks.run_soon(asked.text_document.uri)

    @made.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(asked: types.DidSaveTextDocumentParams) -> None:
        checks.run(asked.text_document.uri)
        if is_settings(asked.text_document.uri):
            checks.run_others(asked.text_document.uri)

    @made.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed_on_disk(asked: types.DidChangeWatchedFilesParams) -> None:
        if any(is_settings(change.uri) for change in asked.changes):
            checks.run_others("")

    @made.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(asked: types.DidCloseTextDocumentParams) -> None:
        checks.cancel(asked.text_document.uri)
        made.text_document_publish_diagnostics(types.PublishDiagnosticsParams(asked.text_document.uri, []))

    @made.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(asked: types.HoverParams) -> types.Hover | None:
        document = _open(made, asked.text_document.uri)
        page = _page(document, asked.position) if document else ""
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, page)) if page else None

    @made.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=["."]))
    def complete(asked: types.CompletionParams) -> list[types.CompletionItem]:
        document = _open(made, asked.text_document.uri)
        return list(_labels(document, asked.position)) if document else []

    @made.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    def actions(asked: types.CodeActionParams) -> list[types.CodeAction]:
        document = _open(made, asked.text_document.uri)
        return (
            [action for diagnostic in asked.context.diagnostics for action in actions_on(document, diagnostic)]
            if document
            else []
        )

    return made


def _open(made: LanguageServer, uri: str) -> TextDocument | None:
    """A document that is open; None for one that the editor asks of without having opened it."""
    documents: Mapping[str, TextDocument] = made.workspace.text_documents
    return documents.get(uri)


class Checks:
    """Checks open documents and publishes what is found. Changes that follow one another quickly are one check: it
    begins when there was none for a moment."""

    def __init__(self, made: LanguageServer) -> None:
        self.made = made
        self.waiting: dict[str, asyncio.TimerHandle] = {}

    def run(self, uri: str) -> None:
        """Check a document now."""
        self.cancel(uri)
        document = self.made.workspace.get_text_document(uri)
        published = list(diagnostics(document))
        self.made.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, published))

    def run_soon(self, uri: str) -> None:
        """Check a document once it has not changed for `PAUSE`."""
        import asyncio

        self.cancel(uri)
        self.waiting[uri] = asyncio.get_running_loop().call_later(PAUSE, self.run, uri)

    def run_others(self, uri: str) -> None:
        """Check all other open documents, which lie under settings that have changed."""
        for other in list(self.made.workspace.text_documents):
            if other != uri:
                self.run_soon(other)

    def cancel(self, uri: str) -> None:
        """Forget that a document waits for a check."""
        if (timer := self.waiting.pop(uri, None)) is not None:
            timer.cancel()


def _page(document: TextDocument, at: types.Position) -> str:
    """The page of the label, or of the rule in a comment, that the cursor is on; "" for none."""
    lines = lines_of(document)
    if at.line >= len(lines):
        return ""
    column = document.position_codec.position_from_client_units(lines, at).character
    for match in _LABEL.finditer(lines[at.line]):
        spec = LABELS.get(match[1])
        if spec is not None and match.start() <= column <= match.end():
            from lblint.report.label_page import as_markdown

            return as_markdown(spec)
    for match in _IGNORED.finditer(lines[at.line]):
        for name in re.finditer(r"[a-z0-9-]+", match[1]):
            here = match.start(1) + name.start() <= column <= match.start(1) + name.end()
            if here and name[0] in rules.load():
                from lblint.report.rule_page import as_markdown as rule_page
                from lblint.report.rule_page import page

                return rule_page(page(rules.load()[name[0]]))
    return ""


def _labels(document: TextDocument, at: types.Position) -> Iterator[types.CompletionItem]:
    """The labels, where a key that may become one is being typed."""
    lines = lines_of(document)
    line = lines[at.line] if at.line < len(lines) else ""
    column = document.position_codec.position_from_client_units(lines, at).character
    typed = re.fullmatch(r"\s*(?:-\s+)?[\"']?([a-z0-9._]*)", line[:column])
    if typed is None or not typed[1] or not (PREFIX.startswith(typed[1]) or typed[1].startswith(PREFIX)):
        return
    start = types.Position(at.line, at.character - len(typed[1]))
    for spec in LABELS.values():
        if not spec.dead:
            yield types.CompletionItem(
                spec.key, kind=types.CompletionItemKind.Property, detail=spec.kind, documentation=spec.doc,
                text_edit=types.TextEdit(types.Range(start, at), spec.key),
            )  # fmt: skip
