"""The keys of `.lblint.yml`: the one table that its reader, its JSON Schema, its page and `lblint init` derive from."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lblint.finding import SEVERITIES
from lblint.records import NamedTuple
from lblint.settings import validators


class Kind(enum.Enum):
    """What a key holds."""

    TEXT = "a text"
    VERSION = "a version"
    TEXTS = "a list of texts"
    FILES = "a file, or a list of files"
    TABLE = "a map"
    TABLES = "a list of maps"
    NAMED_TABLES = "a map of maps"
    PAIRS = "a map of texts"
    RULES = "a map of rules"
    NUMBER = "a whole number from 0 on"


class Key(NamedTuple):
    """A key: what it holds and what is said of it.

    `check` gets each text that it holds and says what is wrong with it, "" for nothing; `check_name` does the same with
    the keys of a map whose keys are free. `choices` are all that it may hold. `keys` are those of the maps in it, of
    which `needed` must be there. `empty`: a text may be empty. `example` is YAML.
    """

    name: str
    kind: Kind
    doc: str
    example: str
    check: Callable[[str], str] = validators.text
    check_name: Callable[[str], str] = validators.text
    choices: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    needed: tuple[str, ...] = ()
    empty: bool = False


ENV_FILE = Key(
    "env-file", Kind.TEXT,
    "A file of NAME=value lines with variables for `${NAME}` in the stack files, in the format of an env file of "
    "docker. "
    "`env` and the environment take precedence.", ".env",
)  # fmt: skip
ENV = Key(
    "env", Kind.PAIRS, "Variables for `${NAME}` in the stack files. The environment takes precedence.",
    '{TAG: "1.4"}', validators.any_text, validators.variable, empty=True,
)  # fmt: skip

STACK = (
    Key("name", Kind.TEXT, "The name that the stack is deployed under.", "shop", validators.stack_name),
    Key(
        "files", Kind.FILES, "Its files, merged in this order as by `docker stack deploy -c … -c …`. Checking one of "
        "them checks the stack.", "[deploy/base.yml, deploy/prod.yml]", validators.file,
    ),
    ENV_FILE,
    ENV,
)  # fmt: skip

INTERLOCK = (
    Key(
        "version", Kind.VERSION, "The version of UCP or MKE, as for `--interlock-version`. Without it, that of the "
        "images in Interlock's config; if it is unknown, only what breaks in all versions is an error.",
        "3.2.3", validators.interlock_version,
    ),
    Key(
        "config", Kind.TEXT, "Interlock's config.toml, as for `--interlock-config`: the service clusters and the "
        "settings of their proxies.", "interlock/config.toml",
    ),
    Key(
        "publish-mode", Kind.TEXT, "How the ports of the proxies are published, if Interlock's config is not given.",
        "host", choices=("ingress", "host"),
    ),
)  # fmt: skip

CLUSTER = (
    Key(
        "access", Kind.TEXTS, "The collections, values of com.docker.ucp.access.label, that it is for; one includes "
        "all below it. The rule service-of-other-collection reports services of other collections on its proxies.",
        "[/prod]", validators.collection,
    ),
)  # fmt: skip

KEYS = (
    Key(
        "stack-names", Kind.PAIRS, "The names that stacks are deployed under, by the paths of their files; the first "
        "pattern that matches counts. A `*` in the name is replaced by what the `*` of the pattern matches.",
        '{deploy/shop/stack.yml: shop, "stacks/*/*.yml": "*"}', validators.stack_name_or_star, validators.glob,
    ),
    Key(
        "stacks", Kind.TABLES, "Stacks that have several files or their own variables.",
        "[{name: shop, files: [deploy/base.yml, deploy/prod.yml]}]", keys=STACK, needed=("name", "files"),
    ),
    Key(
        "client", Kind.VERSION, "The version of the docker client that deploys, as for `--client`; default: the "
        "newest known.",
        "20.10", validators.client,
    ),
    Key("interlock", Kind.TABLE, "The version, config and publish mode of "
    "Interlock.", "{version: 3.2.3}", keys=INTERLOCK),
    Key(
        "domains", Kind.TEXTS, "The host names that labels may use. `*.apps.example.com` is every name under it, but "
        "not "
        "apps.example.com itself. The rule host-not-allowed reports other hosts.",
        '[shop.example.com, "*.apps.example.com"]', validators.domain,
    ),
    Key(
        "service-clusters", Kind.TEXTS, "The allowed values of com.docker.lb.service_cluster, if Interlock's "
        "config is not given. The rule service-cluster-unknown reports others.",
        "[prod, staging]", validators.cluster,
    ),
    Key(
        "clusters", Kind.NAMED_TABLES, "Settings of single service clusters, by name; `default` is the cluster of "
        "services without com.docker.lb.service_cluster.", "{prod: {access: [/prod]}}",
        check_name=validators.cluster, keys=CLUSTER,
    ),
    Key(
        "proxy-networks", Kind.TEXTS, "The networks that a proxy may join, by their names in Swarm; `*` matches any "
        "characters. "
        "The rule proxy-network-not-allowed reports services that make it join another one.",
        '[ingress-net, "*_front"]', validators.network,
    ),
    ENV_FILE,
    ENV,
    Key(
        "rules", Kind.RULES, "The severity of single rules: off, info, warning or error. It does not raise findings "
        "that the rule itself reports at a lower severity. The route is still tried with nginx.",
        "{stack-name-inferred: off}", choices=("off", *reversed(SEVERITIES)),
    ),
    Key(
        "exclude", Kind.TEXTS, "Files and folders that a folder search skips; a name without / matches at any depth. "
        "Files "
        "that are named are still checked, except with `--force-exclude`, which the pre-commit hooks use.",
        "[tests, deploy/old/**]", validators.glob,
    ),
    Key(
        "baseline", Kind.TEXT, "A file of recorded findings that do not count, as for `--baseline`; lblint "
        "deploy does not use it.", "lblint-baseline.json", validators.file,
    ),
    Key(
        "fail-on", Kind.TEXT, "The lowest severity that makes lblint check exit with 1 and lblint deploy stop.",
        "warning", choices=SEVERITIES,
    ),
    Key(
        "max-findings", Kind.NUMBER, "How many findings of one rule in one file a report lists, as for "
        "`--max-findings`; 0 for all.", "20",
    ),
)  # fmt: skip
"""The top of the file."""


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
        case Kind.NAMED_TABLES:
            return {"type": "object", "additionalProperties": _table(key.keys, rules, key.needed)}
        case Kind.PAIRS:
            return {"type": "object", "additionalProperties": TEXT if key.empty else text}
        case Kind.RULES:
            known = {rule: {"description": summary, **text} for rule, summary in rules.items()}
            return {"type": "object", "properties": known, "additionalProperties": False}
