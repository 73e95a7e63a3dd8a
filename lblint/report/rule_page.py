"""The page of a rule: what `lblint explain` shows and docs/rules/ holds. Its examples are the rule's fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from lblint.finding import Breaks
from lblint.installation import shipped
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.report.topic_page import topics_of
from lblint.rules import Rule, consequence


class Page(NamedTuple):
    """A rule's page. `bad` and `good` are files with their names; `output` is what lblint says of the bad ones; `fixes`
    is what --fix does about what the rule finds; `nginx` is what nginx says of what it refuses, "" where it refuses
    nothing."""

    rule: Rule
    bad: tuple[tuple[str, str], ...]
    output: str
    good: tuple[tuple[str, str], ...]
    fixes: Fixes
    nginx: str = ""


class Fixes(NamedTuple):
    """What is done about the findings of a rule's examples: with --fix, and with --unsafe-fixes alone."""

    safe: tuple[str, ...]
    unsafe: tuple[str, ...]


def page(rule: Rule) -> Page:
    """The page of a rule. Raises `UncheckedError` where its fixtures are not installed."""
    folder = os.path.join(shipped("fixtures/rules"), rule.id)
    output = _read(os.path.join(folder, "bad.out"))
    words = os.path.join(folder, "nginx.txt")
    nginx = _read(words) if os.path.exists(words) else ""
    return Page(rule, _files(folder, "bad"), output, _files(folder, "good"), fixes_of(rule.id), nginx)


_FIX = pattern(r"  (?:fix|help): +(?P<title>.*?)(?:, with| \(fixable with) (?P<option>--fix[^)]*)\)?")
"""A fix in the text output: a line of its own, or the end of the help."""


def fixes_of(rule: str) -> Fixes:
    """The fixes in the golden files of a rule's bad examples. Raises `UncheckedError` without them."""
    folder = os.path.join(shipped("fixtures/rules"), rule)
    safe: list[str] = []
    unsafe: list[str] = []
    for name in sorted(os.listdir(folder)):
        own = False
        for line in _read(os.path.join(folder, name)).splitlines() if name.endswith(".out") else ():
            if own and (fix := _FIX.fullmatch(line)):
                (unsafe if "unsafe" in fix["option"] else safe).append(fix["title"])
            elif line[:1].strip():
                own = line.endswith(f"[{rule}]")
    return Fixes(tuple(dict.fromkeys(safe)), tuple(dict.fromkeys(unsafe)))


def _files(folder: str, stem: str) -> tuple[tuple[str, str], ...]:
    """The files of an example: the main one, those merged over it, those of other stacks beside it, and what the
    managers have.

    The first line, where it gives the options of the run, becomes the command.
    """
    others = sorted(name for name in os.listdir(folder) if name.endswith((".yml", ".toml", ".conf", ".json")))
    over, beside = ([n for n in others if n.startswith(f"{stem}.{what}")] for what in ("over", "beside"))
    running = f"{stem}.status.json"
    if running in others:
        return ((running, _read(os.path.join(folder, running))),)
    main = f"{stem}.yml" if f"{stem}.yml" in others else f"{stem}.toml"
    text = _read(os.path.join(folder, main))
    head, _, rest = text.partition("\n")
    words = head.removeprefix("# with:").split() if head.startswith("# with:") else []
    managers = f"{stem}.snapshot.json"
    live = [managers] if os.path.exists(os.path.join(folder, managers)) else []
    words += ["--live"] * len(live)
    if words:
        env = [word for word in words if "=" in word]
        files = [f"-c {name}" for name in (main, *over)] if over else [main]
        command = " ".join((*env, "lblint check", *(word for word in words if word not in env), *files, *beside))
        text = f"# {command}\n{rest if head.startswith('# with:') else text}"
    named = [name for name in words if name in others]
    return ((main, text), *((name, _read(os.path.join(folder, name))) for name in (*over, *beside, *named, *live)))


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read()


def facts(rule: Rule) -> str:
    """How bad it is and who is hurt, in one line."""
    hurt = f"breaks: {rule.breaks}" if rule.breaks is not Breaks.NOTHING else "breaks nothing yet"
    return f"{rule.severity}, {hurt}"


def prose(rule: Rule) -> str:
    """The page's text below its first line, and what breaks, if the rule has a sentence on it."""
    body = rule.doc.partition("\n")[2].strip()
    sentence = consequence(rule, rule.breaks, rule.severity)
    sentence = sentence[:1].upper() + sentence[1:] + "." if sentence else ""
    return "\n\n".join(part for part in (body, sentence) if part)


NO_COMMENTS = frozenset((
    "alias-bomb", "baseline-outdated", "tab-indent", "toml-syntax", "unknown-alias", "unreadable-text", "yaml-syntax",
))  # fmt: skip
"""Rules on files that cannot be read, or are no YAML, and so have no comments."""


OF_COMMANDS = {"IngressStatus": "status", "Probed": "probe"}
"""The commands, not `check`, whose rules are on such a type: what runs now, which no comment in a file silences."""


def mend(fixes: Fixes) -> tuple[str, ...]:
    """The commands that correct what the rule finds, if any do."""
    safe = ("lblint check --fix ...",) if fixes.safe else ()
    return (*safe, *(("lblint check --fix --unsafe-fixes ...",) if fixes.unsafe else ()))


def silence(rule: Rule) -> tuple[tuple[str, str], ...]:
    """How to live with it: what to write, and what that silences, from the narrowest on."""
    command = OF_COMMANDS.get(rule.on.__name__, "check")
    once = (f"lblint {command} --ignore {rule.id} ...", "for one run")
    if command == "status":
        return (once,)
    comment = (f"# lblint: ignore[{rule.id}] reason", "on the line, or above the block")
    wider = ((f"rules: {{{rule.id}: off}}", "in .lblint.yml, for a repository"), once)
    without = command != "check" or rule.id in NO_COMMENTS or rule.id.startswith("suppression-")
    return wider if without else (comment, *wider)


def _more(rule: Rule, form: str) -> tuple[str, ...]:
    """Where more is told, one line; `form` is how a topic is named, with its {id} and {title}."""
    topics = ", ".join(form.format(id=topic.id, title=topic.title) for topic in topics_of(rule.id))
    return (f"The whole story: {topics}", "") if topics else ()


_NGINX = "What nginx (1.22) says of such values when it starts, in the log of the proxy:"


def as_text(page: Page) -> str:
    """The page for a terminal."""
    from lblint.report.escape import printable

    def block(text: str) -> str:
        return "\n".join(f"    {printable(line)}".rstrip() for line in text.splitlines())

    def blocks(head: str, files: Sequence[tuple[str, str]]) -> Iterator[str]:
        for name, text in files:
            yield from (f"{head}{f' ({name})' if len(files) > 1 else ''}:", "", block(text), "")

    ways = silence(page.rule)
    width = max(len(way) for way, _ in ways)

    return "\n".join((
        f"{page.rule.id} ({facts(page.rule)})",
        "",
        page.rule.summary,
        "",
        prose(page.rule),
        "",
        *blocks("Bad", page.bad),
        "What lblint says of it:",
        "",
        block(page.output),
        "",
        *((_NGINX, "", block(page.nginx), "") if page.nginx else ()),
        *blocks("Good", page.good),
        *_more(page.rule, "lblint explain {id}"),
        *(("To fix it:", "", *(f"    {way}" for way in mend(page.fixes)), "") if any(page.fixes) else ()),
        "To silence it:",
        "",
        *(f"    {way:<{width}}  {where}" for way, where in ways),
        "",
    ))  # fmt: skip


def _fenced(name: str, text: str) -> str:
    from lblint.report.escape import fence

    extension = name.rpartition(".")[2]
    return fence(text, extension if extension in ("toml", "json") else "nginx" if extension == "conf" else "yaml")


def as_markdown(page: Page) -> str:
    """The page as docs/rules/<id>.md."""
    from lblint.report.escape import fence, prose_text

    def blocks(head: str, files: Sequence[tuple[str, str]]) -> Iterator[str]:
        for name, text in files:
            yield from (f"{head}{f' (`{name}`)' if len(files) > 1 else ''}:", "", _fenced(name, text), "")

    return "\n".join((
        f"# {page.rule.id}",
        "",
        f"**{prose_text(page.rule.summary)}** ({facts(page.rule)})",
        "",
        prose_text(prose(page.rule)),
        "",
        *blocks("Bad", page.bad),
        "What lblint says of it:",
        "",
        fence(page.output, "text"),
        "",
        *((_NGINX, "", fence(page.nginx, "text"), "") if page.nginx else ()),
        *blocks("Good", page.good),
        *_more(page.rule, "[{title}](../topics/{id}.md)"),
        *((f"To fix it: {', or '.join(f'`{way}`' for way in mend(page.fixes))}", "") if any(page.fixes) else ()),
        "To silence it ([more](../suppressions.md)):",
        "",
        *(f"- `{way}` {where}" for way, where in silence(page.rule)),
        "",
    ))  # fmt: skip
