"""The rules that a run has chosen, and what they hit."""

from __future__ import annotations

from lblint import rules
from lblint.finding import Hit
from lblint.lint.options import Options
from lblint.rules import Rule


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
        self.by_type: dict[type, list[Rule]] = {}
        self.hits: list[tuple[Rule, Hit]] = []
        self.met: set[type] = set()
        for name in sorted(self.select | self.ignore):
            if name not in rules.load():
                raise UnknownRuleError(name)

    def apart(self) -> Judge:
        """A judge with the same rules and no hits yet."""
        other = Judge(Options())
        vars(other).update(vars(self) | {"hits": [], "met": set()})
        return other

    def run(self, subject: object) -> None:
        self.met.add(type(subject))
        for rule in self.rules_on(type(subject)):
            for hit in rule.check(subject):
                self.hits.append((rule, hit))

    def rules_on(self, kind: type) -> list[Rule]:
        """The chosen rules on subjects of a type."""
        chosen = self.by_type.get(kind)
        if chosen is None:
            chosen = self.by_type[kind] = [
                rule
                for rule in rules.rules_on(kind)
                if (not self.select or rule.id in self.select) and rule.id not in self.ignore
            ]
        return chosen
