"""The words that the shortcut cuts a config into are those of crossplane's own lexer, whatever the text."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.proxy.lexer import tokens
from lblint.proxy.parse import parse_text

crossplane_lexer = pytest.importorskip("crossplane.lexer")

PIECES = [" ", "\n", "\t", "\x0b", "\x1c", ";", "{", "}", "#", '"', "'", "$", "${", "\\", "\r", "a", "server", "é",
          "\x85", "listen", "location /", "if", "(", ")", "content_by_lua_block", "map", "\x00", "$a", "="]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
SAFE = st.lists(st.sampled_from([p for p in PIECES if p.isascii() and p not in ("\\", "${", "\r")]), max_size=30)


def slow(text: str) -> list[tuple[str, int, bool]]:
    return list(crossplane_lexer._lex_file_object(io.StringIO(text)))


@given(SAFE.map(lambda pieces: "".join(pieces).replace("${", "$ {") + "\n"))
def test_the_words_are_those_of_crossplane(text: str) -> None:
    quick = tokens(text)
    if quick is None:
        assert '"' in text or "'" in text or "content_by_lua_block" in text
    else:
        assert quick == slow(text)


@given(TEXTS)
def test_the_tree_is_that_of_crossplane(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LBLINT_SLOW", raising=False)
        quick = parse_text(text.encode())
        patch.setenv("LBLINT_SLOW", "1")
        assert quick == parse_text(text.encode())


@pytest.mark.parametrize(
    "text",
    ["a", "a;", "a \\n;\n", "a ${b};\n", "a\r\n", "é;\n", "a 'b;\n"],
    ids=["no-end", "no-line-break", "backslash", "braced-variable", "carriage-return", "not-ascii", "open-quote"],
)
def test_what_the_shortcut_leaves_to_crossplane(text: str) -> None:
    assert tokens(text) is None


def test_directives_with_a_grammar_of_their_own_are_known_by_name() -> None:
    assert [name for name in crossplane_lexer.EXTERNAL_LEXERS if "_by_lua_block" not in name] == []
    assert crossplane_lexer.EXTERNAL_LEXERS


HALF = [b"a;\n", b"http { include *.conf; listen 80 81; if (a) { } }\n", b"a 1;\n", b"a {\n"]
WHOLE = [b"a \\n;\n", b"b 1;\n"]
PARSE = f"""\
from lblint.cli import bundle
bundle.install()
import sys
from lblint.proxy.parse import parse_text
found = [parse_text(text) for text in {HALF!r}]
half = {{"crossplane.builder", "json", "glob"}} & set(sys.modules)
found += [parse_text(text) for text in {WHOLE!r}]
import crossplane
print(half, crossplane.build([]) == "", found)
"""


def test_a_part_of_crossplane_parses_as_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run([sys.executable, "-c", PARSE], capture_output=True, text=True, check=True)
    monkeypatch.setenv("LBLINT_SLOW", "1")
    assert done.stdout.strip() == f"set() True {[parse_text(text) for text in HALF + WHOLE]}"


def test_the_shortcut_is_taken() -> None:
    text = "http { # all\n    server_name a.example \"b c\" 'd';\n}\n"
    assert tokens(text) == slow(text)
    assert tokens(text) is not None
