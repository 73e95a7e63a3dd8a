"""The JSON Schema of `.lblint.yml`, for editors: made from the table of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lblint.settings.key_table import KEYS, Key, Kind

TEXT = {"type": "string"}


def schema(rules: Mapping[str, str]) -> dict[str, Any]:
    """The schema, in draft 7, which editors read; `rules` are the ids of all rules and what each finds."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": ".lblint.yml",
        "description": "What a repository tells lblint of its stacks and of the ingress that they share.",
        **_table(KEYS, rules),
        "type": ["object", "null"],
    }


def summaries() -> dict[str, str]:
    """The ids of all rules and what each finds; imports them all."""
    from lblint import rules as catalog

    return {name: rule.summary for name, rule in catalog.load().items()}


def as_json(rules: Mapping[str, str]) -> str:
    """The schema as the text of a file."""
    import json

    return json.dumps(schema(rules), indent=2, ensure_ascii=False) + "\n"


def _table(keys: Sequence[Key], rules: Mapping[str, str], needed: Sequence[str] = ()) -> dict[str, Any]:
    table: dict[str, Any] = {
        "type": "object",
        "properties": {key.name: {"description": key.doc, **_value(key, rules)} for key in keys},
        "additionalProperties": False,
    }
    return {**table, "required": list(needed)} if needed else table


def _value(key: Key, rules: Mapping[str, str]) -> dict[str, Any]:
    text: dict[str, Any] = {**TEXT, "enum": list(key.choices)} if key.choices else {**TEXT, "minLength": 1}
    texts = {"type": "array", "items": text, "minItems": 1}
    match key.kind:
        case Kind.TEXT:
            return text
        case Kind.VERSION:
            return {"type": ["string", "number"]}
        case Kind.NUMBER:
            return {"type": "integer", "minimum": 0}
        case Kind.TEXTS:
            return texts
        case Kind.FILES:
            return {"oneOf": [text, texts]}
        case Kind.TABLE:
            return _table(key.keys, rules, key.needed)
        case Kind.TABLES:
            return {"type": "array", "items": _table(key.keys, rules, key.needed), "minItems": 1}
        case Kind.PAIRS:
            return {"type": "object", "additionalProperties": TEXT if key.empty else text}
        case Kind.RULES:
            known = {rule: {"description": summary, **text} for rule, summary in rules.items()}
            return {"type": "object", "properties": known, "additionalProperties": False}
