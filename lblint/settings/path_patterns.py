"""Patterns of paths: `deploy/*/stack.yml`, `**/test/**`.

`*` and `?` stay within one folder or file name, `[abc]` is one character of a set, `**` as a whole name is any number
of folders, none included. Matching never takes longer than the lengths of both multiplied, whatever the pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

MOST = 500
"""Longest pattern, in characters."""


def fault(pattern: str) -> str:
    """What is wrong with a pattern, as a sentence; "" where nothing is."""
    parts = pattern.split("/")
    if not pattern:
        return "it is empty"
    if len(pattern) > MOST:
        return f"it is longer than {MOST} characters"
    if any(ord(char) < 32 for char in pattern):
        return "it contains a control character"
    if "\\" in pattern:
        return "separate folders with / instead of \\"
    if pattern.startswith("/"):
        return "it begins with /: paths are relative to the folder of this file"
    if ".." in parts:
        return ".. leads out of the folder of this file"
    if "." in parts or "" in parts[:-1]:
        return "it has a part without meaning (. or //)"
    if any("**" in part and part != "**" for part in parts):
        return "** matches whole folders: write **/ or /**"
    if any(part.count("[") > part.count("]") for part in parts):
        return "a [ is not closed"
    return ""


def matches(pattern: str, path: str) -> bool:
    """Whether a whole path (with /) matches."""
    return _match([part for part in pattern.split("/") if part], path.split("/"))


def covers(pattern: str, path: str) -> bool:
    """Whether a pattern matches a path or a folder that it lies in; a pattern without / matches at any depth."""
    parts = path.split("/")
    words = [part for part in pattern.split("/") if part]
    if "/" not in pattern.rstrip("/"):
        return any(fnmatchcase(part, words[0]) for part in parts)
    return any(_match(words, parts[:end]) for end in range(1, len(parts) + 1))


def captured(pattern: str, path: str) -> str:
    """What the one `*` of a pattern stands for in a path that it matches; "" where that cannot be told."""
    words, parts = pattern.split("/"), path.split("/")
    at = next((i for i, word in enumerate(words) if "*" in word and word != "**"), None)
    if at is None or pattern.replace("**", "").count("*") != 1 or set(words[at]) & set("?["):
        return ""
    if "**" in words[:at] and "**" in words[at:]:
        return ""
    part = parts[at - len(words)] if "**" in words[:at] else parts[at]
    front, _, end = words[at].partition("*")
    return part[len(front) : len(part) - len(end)]


def first(patterns: Iterable[str], path: str) -> str:
    """The first pattern that covers a path; "" where none does."""
    return next((pattern for pattern in patterns if covers(pattern, path)), "")


def _match(words: Sequence[str], parts: Sequence[str]) -> bool:
    """Names against words, of which `**` takes any number: the last `**` is widened as far as needed."""
    at = word = 0
    star = mark = -1
    while at < len(parts):
        if word < len(words) and words[word] == "**":
            star, mark, word = word, at, word + 1
        elif word < len(words) and fnmatchcase(parts[at], words[word]):
            at, word = at + 1, word + 1
        elif star >= 0:
            mark += 1
            at, word = mark, star + 1
        else:
            return False
    return all(rest == "**" for rest in words[word:])
