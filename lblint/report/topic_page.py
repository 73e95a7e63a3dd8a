"""Topics: pages across rules, for whoever stands before the outage. The text is docs/topics/<id>.md, which ships."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from lblint.installation import shipped
from lblint.lazy_re import pattern
from lblint.records import NamedTuple

_LINK = pattern(r"\[([^\]]+)\]\(([^)\s]+)\)")
_RULE_LINK = pattern(r"\]\(\.\./rules/([a-z0-9-]+)\.md\)")


class Topic(NamedTuple):
    """A topic. `summary` is its first paragraph, `text` the whole page as Markdown."""

    id: str
    title: str
    summary: str
    text: str

    @property
    def rules(self) -> frozenset[str]:
        """The ids of the rules that the page names."""
        return frozenset(_RULE_LINK.findall(self.text))


def topic_ids() -> list[str]:
    """The ids of all topics, sorted."""
    return sorted(name.removesuffix(".md") for name in os.listdir(shipped("docs/topics")) if name.endswith(".md"))


def topic(id_: str) -> Topic:
    """A topic that `topic_ids` names."""
    with open(os.path.join(shipped("docs/topics"), f"{id_}.md"), encoding="utf-8") as file:
        text = file.read()
    title, summary, _ = text.split("\n\n", 2)
    return Topic(id_, title.removeprefix("# "), " ".join(summary.split()), text)


def topics_of(rule: str) -> list[Topic]:
    """The topics that name a rule."""
    return [page for page in map(topic, topic_ids()) if rule in page.rules]


def as_text(page: Topic) -> str:
    """The page for a terminal: headings in capitals, code indented, links as the words that they stand on."""
    return "\n".join(_shown(page.text.splitlines())).strip("\n") + "\n"


def _shown(lines: list[str]) -> Iterator[str]:
    fence = ""
    rows: list[list[str]] = []
    for line in [*lines, ""]:
        if not fence and rows and not line.startswith("|"):
            yield from _table(rows)
            rows = []
        if line.startswith("<!-- "):
            continue
        if ticks := re.match("`{3,}", line):
            fence = "" if fence and line == fence else fence or ticks[0]
        elif fence:
            yield f"    {line}".rstrip()
        elif line.startswith("|"):
            rows.append([_LINK.sub(r"\1", cell.strip()).replace("\\", "") for cell in line.strip("|").split(" | ")])
        elif line.startswith("#"):
            yield line.lstrip("# ").upper()
        else:
            yield _LINK.sub(_words, line).replace("**", "").replace("\\<", "<")


def _words(link: re.Match[str]) -> str:
    if link[2].startswith("https://"):
        return f"{link[1]} ({link[2]})"
    return f"`lblint explain {link[2][:-3]}`" if "/" not in link[2] else link[1]


def _table(rows: list[list[str]]) -> Iterator[str]:
    from lblint.report.text_table import table

    head, _, *body = rows
    yield from table(head, body).splitlines()
