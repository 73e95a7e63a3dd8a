"""The rules that a run has chosen, and what they hit."""

from __future__ import annotations

from lblint import kept, rules
from lblint.finding import Hit
from lblint.lint.options import Options
from lblint.rules import Known, Rule


class UnknownRuleError(ValueError):
    """A rule was selected or ignored that does not exist."""


class Judge:
    """Runs the rules of a subject's type, as `--select` and `--ignore` choose them, and keeps their hits; `met` are the
    types that there were."""

    def __init__(self, options: Options) -> None:
        self.select = options.select
        self.ignore = options.ignore
        if options.severities:
            off = {name for name, severity in options.severities.items() if severity is None}
            self.ignore |= off - self.select
        self.by_type: dict[type, list[Known]] = {}
        self.needed: dict[type, frozenset[str]] = {}
        self.by_words: dict[tuple[type, frozenset[str]], list[Rule]] = {}
        self.hits: list[tuple[Rule, Hit]] = []
        self.met: set[type] = set()
        if self.select or self.ignore:
            known = rules.ids()
            for name in sorted(self.select | self.ignore):
                if name not in known:
                    raise UnknownRuleError(name)

    def apart(self) -> Judge:
        """A judge with the same rules and no hits yet."""
        other = Judge(Options())
        vars(other).update(vars(self) | {"hits": [], "met": set()})
        return other

    def run(self, subject: object) -> None:
        self.met.add(type(subject))
        for rule in self._asked(subject):
            for hit in rule.check(subject):
                self.hits.append((rule, hit))

    def _asked(self, subject: object) -> list[Rule]:
        """The rules that may have something to say of a subject, by its words; subjects with the same share a list."""
        kind = type(subject)
        chosen = self.rules_on(kind)
        words = None if kept.slow() else getattr(subject, "words", None)
        if words is None:
            return [rules.get(known) for known in chosen]
        there = self.needed[kind].intersection(words)
        asked = self.by_words.get((kind, there))
        if asked is None:
            asked = self.by_words[kind, there] = [rules.get(known) for known in chosen if not known.silent(there)]
        return asked

    def rules_on(self, kind: type) -> list[Known]:
        """The chosen rules on subjects of a type."""
        chosen = self.by_type.get(kind)
        if chosen is None:
            chosen = [
                rule
                for rule in rules.of(kind)
                if (not self.select or rule.id in self.select) and rule.id not in self.ignore
            ]
            self.by_type[kind] = chosen
            self.needed[kind] = frozenset().union(*(rule.needs for rule in chosen))
        return chosen
