"""The keys of Interlock's config.toml: what docs/interlock-config.md holds, from the one table of keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.interlock import config_keys
from lblint.interlock.config_keys import Key, Table
from lblint.report.text_table import table

_TABLES = (
    ("The core, at the top of the file", config_keys.CORE),
    ("A proxy: `[Extensions.<name>]`", config_keys.EXTENSION),
    ("nginx: `[Extensions.<name>.Config]`", config_keys.NGINX),
    ("HAProxy: `[Extensions.<name>.Config]`", config_keys.HAPROXY),
)


def as_markdown() -> Iterator[str]:
    """The sections of the page."""
    for title, known in _TABLES:
        yield f"## {title}"
        yield ""
        yield table(("key", "value", "default", "what it is"), list(_rows(known)), "markdown")


def keys(name: str) -> list[tuple[str, Key]]:
    """The keys of this name, without regard to case, each with the title of its table; empty if there is none."""
    return [(title, known[name.lower()]) for title, known in _TABLES if name.lower() in known]


def as_text(found: list[tuple[str, Key]]) -> str:
    """The keys of one name for a terminal."""
    import textwrap

    lines = [found[0][1].name, ""]
    for title, key in found:
        lines += [title.replace("`", ""), ""]
        lines += [*textwrap.wrap(f"{key.doc[:1].upper()}{key.doc[1:]}.", 100), ""] if key.doc else []
        lines += [f"  {'value:':<10}{key.kind}"]
        lines += [f"  {'default:':<10}{default}" for default in [_default(key.default).strip("`")] if default]
        lines += [f"  {'since:':<10}UCP or MKE {key.since}"] * bool(key.since)
        lines += [f"  {'gone:':<10}UCP or MKE {key.gone}"] * bool(key.gone)
        lines.append("")
    return "\n".join(lines)


def _rows(known: Table) -> Iterator[tuple[str, str, str, str]]:
    for key in known.values():
        since = f"since {key.since}" if key.since else f"gone since {key.gone}" if key.gone else ""
        description = "; ".join(part for part in (key.doc, since) if part)
        yield f"`{key.name}`", key.kind, _default(key.default), description


def _default(value: Any) -> str:
    if value is None or value == "" or value == ():
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
