"""`lblint rules`, `lblint explain`, `lblint labels`: what lblint knows, offline."""

from __future__ import annotations

import re

from lblint import UncheckedError
from lblint import rules as catalog
from lblint.cli import output
from lblint.cli.inputs import near
from lblint.report.text_table import table


def rules(format_: str) -> None:
    """List the rules by topic, with their severity and what they break, and the pages that span several topics.

    The name of a topic selects or ignores all of its rules: lblint check --select networks.
    """
    from lblint.report.topic_page import topic, topic_ids

    known = list(catalog.load().values())
    if format_ != "text":
        rows = [(rule.id, rule.topic, str(rule.severity), str(rule.breaks), rule.summary) for rule in known]
        output.write(table(("rule", "topic", "severity", "breaks", "summary"), rows, format_))
        return
    widest = max(len(rule.id) for rule in known)
    for name, doc in catalog.topics().items():
        output.write(f"{name}: {doc}\n")
        for rule in known:
            if rule.topic == name:
                output.write(f"  {rule.id:<{widest}}  {rule.severity!s:<7}  {rule.breaks!s:<7}  {rule.summary}\n")
        output.write("\n")
    output.write(
        table(
            ("page", "what it explains"),
            [(each.id, each.summary) for each in map(topic, topic_ids())],
        )
    )


def explain(words: tuple[str, ...]) -> None:
    """Explain a rule, a label, a key of Interlock's config, or a topic: outage,
    host-mode, hrm, networks, service-clusters. Or find the pages that explain a
    message of docker, a manager or nginx: paste it, in quotes if the shell would
    read a part of it.
    """
    name = " ".join(" ".join(words).split())  # a message may be pasted with its line breaks
    page = _page(name) or _matches(name)
    if not page and (" " in name or not name):
        raise UncheckedError("no page explains this; `lblint rules` lists the rules and topics")
    if not page:
        from lblint.report.topic_page import topic_ids

        known = {**catalog.load(), **dict.fromkeys(topic_ids())}
        short = name if len(name) < 60 else name[:59] + "…"
        raise UncheckedError(f"there is no rule or topic {short!r}{near(short, known)}; see `lblint rules`")
    output.write(page)


def _page(name: str) -> str:
    """Return the page of this name, in any case, with hyphens, spaces or underscores; "" if there is none."""
    from lblint.interlock import LABELS, PREFIX
    from lblint.report import config_keys_page, label_page, topic_page

    known = topic_page.topic_ids()
    like = "-".join(name.lower().replace("_", " ").split())
    id_ = next(
        (candidate for candidate in (name, like, f"{like}s") if candidate in known or candidate in catalog.load()), ""
    )
    keys = config_keys_page.keys(name)
    if id_ != name and keys and keys[0][1].name == name:
        return config_keys_page.as_text(keys)
    if id_ != name and (label := LABELS.get(name.lower().removeprefix(PREFIX))):
        return label_page.as_text(label)
    if id_:
        return topic_page.as_text(topic_page.topic(id_)) if id_ in known else _rule(id_)
    return config_keys_page.as_text(keys) if keys else ""


def _rule(id_: str) -> str:
    from lblint.report.rule_page import as_text, page

    return as_text(page(catalog.load()[id_]))


def _matches(message: str) -> str:
    """Return the list of the pages that explain a message, or speak of a few words; "" if there is none."""
    from lblint.report import message_search, word_search
    from lblint.report.escape import printable
    from lblint.report.topic_page import topic

    pages = [(hit.id, hit.kind, hit.quoted) for hit in message_search.search(message) if " " in message]
    if not pages and re.fullmatch(r"[\w'-]+(?: \S+)*", message):
        pages = [(hit.id, hit.kind, "") for hit in word_search.search(message)]
    if not pages and "_" in message:
        pages = [(hit.id, hit.kind, hit.quoted) for hit in message_search.search(message)]
    lines = []
    for id_, kind, quoted in pages:
        summary = topic(id_).summary if kind == "topic" else catalog.load()[id_].summary
        lines += [f"{id_} ({kind}): {summary}", *([f"  {printable(quoted)}"] if quoted else [])]
    return "\n".join((*lines, "", f"Read one with: lblint explain {pages[0][0]}", "")) if pages else ""


def labels(key: str | None, format_: str) -> None:
    """List the labels that Interlock reads, or explain one."""
    from lblint.interlock import LABELS, PREFIX
    from lblint.report.label_page import as_text, overview

    if key is None:
        output.write(overview(format_))
        return
    spec = LABELS.get(key.removeprefix(PREFIX))
    if spec is None:
        raise UncheckedError(f"Interlock reads no label {key!r}{near(key.removeprefix(PREFIX), LABELS)}")
    output.write(overview(format_, spec.name) if format_ == "json" else as_text(spec))
