"""The documentation as a site: `sphinx-build -W --keep-going -c docs . OUT`, with the extra `docs` installed.

The source folder is the repository, so that a link between two Markdown files is the same on GitHub and in the site.
Links to files that are no pages, such as the Dockerfile, become downloads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "lblint"
author = "the authors of lblint"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "lblint"
html_show_sourcelink = False
html_copy_source = False
templates_path = ["_templates"]
root_doc = "docs/README"
html_additional_pages = {"index": "redirect.html"}
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "bench/README.md", "docs/**.md"]
exclude_patterns = [".*", "venv", "fixtures", "lblint", "tests", "schemas", "templates", "examples", "bench/*.py"]
myst_heading_anchors = 6
"""As deep as GitHub makes anchors."""
suppress_warnings = ["misc.highlighting_failure"]
"""Examples are wrong on purpose, and shown all the same."""


def link_sections(app: Sphinx, name: str, source: list[str]) -> None:
    """Give the site its navigation: each section of the index with the pages that it links to.

    Pages of single rules and labels are reached from the tables of docs/rules.md and docs/labels.md.
    """
    if name == root_doc:
        source[0] = re.sub(r"^## (.+)\n((?:(?!## ).*\n)+)", _section, source[0], flags=re.MULTILINE)
    elif name.startswith(("docs/rules/", "docs/labels/")):
        source[0] = f"---\norphan: true\n---\n\n{source[0]}"


def _section(match: re.Match[str]) -> str:
    links = re.findall(r"^- \[(.+?)\]\(([\w./-]+)\.md\)", match[2], re.MULTILINE)
    pages = [f"{title} <{page}>" for title, page in links]
    toctree = "\n".join(("```{toctree}", ":hidden:", f":caption: {match[1]}", "", *pages, "```"))
    return f"{match[0].rstrip()}\n\n{toctree}\n\n" if pages else match[0]


def setup(app: Sphinx) -> None:
    """Register the navigation, and a lexer for flowcharts."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("source-read", link_sections)
