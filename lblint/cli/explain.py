"""`lblint rules`, `lblint explain`, `lblint labels`: what lblint knows, offline."""

from __future__ import annotations

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
    output.write(table(("page", "what it explains"), [(found.id, found.summary) for found in map(topic, topic_ids())]))


def explain(words: tuple[str, ...]) -> None:
    """Explain a rule: why it breaks, with a bad and a good example. Or a topic, for whoever looks for the way out of
    an outage: host-mode, hrm, networks, service-clusters. Or find the pages that speak of a message of docker, a
    manager or nginx: its words, in quotes where a shell would read them.
    """
    from lblint.report.rule_page import as_text, page
    from lblint.report.topic_page import as_text as topic_as_text
    from lblint.report.topic_page import topic, topic_ids

    name = " ".join(" ".join(words).split())  # a message may be pasted with its line breaks
    if name in topic_ids():
        output.write(topic_as_text(topic(name)))
        return
    found = catalog.load().get(name)
    if found is not None:
        output.write(as_text(page(found)))
    elif " " in name:
        output.write(_speaking_of(name))
    else:
        known = {**catalog.load(), **dict.fromkeys(topic_ids())}
        short = name if len(name) < 60 else name[:59] + "…"
        raise UncheckedError(f"there is no rule or topic {short!r}{near(short, known)}; see `lblint rules`")


def _speaking_of(message: str) -> str:
    from lblint.report.error_search import search

    found = search(message)
    if not found:
        raise UncheckedError("no page speaks of that; see `lblint rules`")
    rows = [(one.id, one.kind, f"{one.share:.0%}", one.summary) for one in found]
    return table(("page", "kind", "speaks of", "what it explains"), rows) + "\nlblint explain PAGE shows one\n"


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
