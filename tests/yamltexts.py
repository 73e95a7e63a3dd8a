"""Random texts that look like YAML: everything in which go-yaml and other parsers differ, put together at random."""

from __future__ import annotations

import random

_PIECES = [
    "a", "b", "x-a", "80:80", "k=http://x", "1", "0x1F", "1_0", "true", "yes", "~", "null", "2020-01-01", '""', "''",
    '"q"', "'s'", '"e\\n\\x41"', '"\\q"', ":", ": ", ":\n", ": ", "\n", "\n", "\n  ", "\n    ", "\n- ", "\n  - ", "- ",
    "-\t", "\t", " ", "  ", "# c", "\n# c\n", "\n  # d\n", "\n\t# e\n", "\n\t", "\n \t", " #", "[", "]", "{", "}", ",",
    ", ", "? ", "?", "\n? ", "\n: ", "&a ", "&b ", "*a", "*b", "*a ", "<<: ", "<<: *a", "<<: [*a, *b]", "!t ", "!!str ",
    "!!int ", "! ", "!!float ", "!!binary ", "!!map ", "!<x> ", "!e!f ", "|\n", ">\n", "|-\n", "|+\n", "|2\n",
    ">1\n", "| # c\n", "|0\n", "\n---\n", "---", "--- ", "...", "\n...\n", "%YAML 1.1\n", "%YAML 1.2\n",
    "%TAG !e! tag:e,2000:\n",
    "%FOO\n", "@", "`", "%", "\x85", "\u2028", "\u2029", "\ufeff", "\xa0", "é", "漢", "😀", "\r\n", "\r", "\a",
    "\\", '"',
    "'", "<<", "=", "\n  a: 1", "\n  b: 2", "\n    c: 3", "\n  - d", "a: b", "key: |\n   text\n", '"a": 1', "{a: 1, b}",
    "[a, b: c]", "[a:b]", "{a:b}", '{"a":b}', "{'a':b, c}", "[?x]", "[a?b]", "{? a : b}", "[a]: b", "a: b: c",
]  # fmt: skip
_KEYS = ["a", "b", '"q"', "? a", "- a", "- ", "# c", "", "x-b", "*a", "5"]


def text(seed: int) -> str:
    """The text of a seed: pieces one after another, the same below a key, or lines of key and value."""
    r = random.Random(seed)
    if r.random() < 0.35:
        return "".join(r.choice(_PIECES) for _ in range(r.choice((2, 3, 4, 6, 10))))
    if r.random() < 0.5:
        body = "".join(r.choice(_PIECES) for _ in range(r.choice((2, 3, 4, 6, 10)))).replace("\n", "\n  ")
        return f"x-a:\n  {body}\n"
    lines = []
    for _ in range(r.choice((2, 3, 4, 6))):
        value = "".join(r.choice(_PIECES) for _ in range(r.choice((0, 1, 1, 2, 3))))
        indent = r.choice(("", "  ", "  ", "    ", "\t", " "))
        lines.append(f"  {indent}{r.choice(_KEYS)}{r.choice((': ', ': ', ':', ''))}{value}")
    return "x-a:\n" + r.choice(("\n", "\n", "\r\n")).join(lines) + r.choice(("", "\n"))
