"""`.lblint.yml` is read, or everything that is wrong with it is said, each with its line and column."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fixture import ROOT
from hypothesis import given
from hypothesis import strategies as st

from lblint import rules
from lblint.finding import Severity
from lblint.settings import Settings, SettingsError, StackFiles, Variables, read_settings, validators
from lblint.settings.key_table import KEYS, Key, Kind

RULES = sorted(rules.load())
WHOLE = """\
# yaml-language-server: $schema=.lblint.schema.json
stack-names:
  deploy/shop.yml: shop
  "stacks/*/*.yml": "*"
stacks:
  - name: billing
    files: [deploy/billing.yml, deploy/billing.prod.yml]
    env-file: deploy/prod.env
    env: {TAG: "1.4", EMPTY: ""}
  - {name: mail, files: mail.yml}
client: 20.10
interlock:
  version: 3.2.3
  config: interlock/config.toml
  publish-mode: host
domains: [Shop.Example.com, "*.apps.example.com"]
service-clusters: [prod, staging]
clusters: {prod: {access: [/prod, /shared]}, default: {access: [/dev]}, test: {}}
proxy-networks: [ingress, "*_front"]
env-file: .env
env:
  DOMAIN: example.com
rules:
  stack-name-inferred: off
  invalid-host: warning
exclude: [tests, deploy/old/**]
baseline: known.json
fail-on: warning
max-findings: 20
"""


def read(text: str | bytes) -> Settings:
    return read_settings(text if isinstance(text, bytes) else text.encode(), ".lblint.yml", "/repo", rules.load)


def refused(text: str | bytes) -> list[str]:
    """What is said against a text, without the file's name."""
    with pytest.raises(SettingsError) as caught:
        read(text)
    lines = str(caught.value).split("\n")
    assert all(line.startswith(".lblint.yml:") for line in lines)
    return [line.removeprefix(".lblint.yml:") for line in lines]


def test_every_key_is_read() -> None:
    found = read(WHOLE)
    assert found.names == (("deploy/shop.yml", "shop"), ("stacks/*/*.yml", "*"))
    assert found.stacks == (
        StackFiles("billing", ("deploy/billing.yml", "deploy/billing.prod.yml"),
                   Variables({"TAG": "1.4", "EMPTY": ""}, "deploy/prod.env")),
        StackFiles("mail", ("mail.yml",), Variables()),
    )  # fmt: skip
    assert found.client == "20.10", "as it is written, and not as a decimal number"
    assert str(found.version) == "UCP 3.2.3"
    assert found.config == "interlock/config.toml"
    assert found.site.domains == ("shop.example.com", "*.apps.example.com")
    assert found.site.clusters == ("prod", "staging")
    assert found.site.access == {"prod": ("/prod", "/shared"), "": ("/dev",)}
    assert found.site.networks == ("ingress", "*_front")
    assert found.site.publish_mode == "host"
    assert found.variables == Variables({"DOMAIN": "example.com"}, ".env")
    assert found.severities == {"stack-name-inferred": None, "invalid-host": Severity.WARNING}
    assert found.exclude == ("tests", "deploy/old/**")
    assert found.baseline == "known.json"
    assert found.fail_on == "warning"
    assert found.max_findings == 20
    known = {line.partition(":")[0].strip(" -{") for line in WHOLE.splitlines()}
    assert {key.name for key in KEYS} <= known, "a key that no test reads"


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "{}\n", "\ufeffdomains: [a.b]\n"])
def test_what_says_little_is_no_mistake(text: str) -> None:
    assert read(text).folder == "/repo"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("domain: [a.b]", "1:1: unknown key 'domain' (did you mean domains?)"),
        ("fail_on: error", "1:1: unknown key 'fail_on' (did you mean fail-on?)"),
        ("nginx: /usr/sbin/nginx", "1:1: unknown key 'nginx'"),
        ("interlock:\n  versoin: 3.2", "2:3: unknown key 'versoin' (did you mean version?)"),
        ("stacks:\n  - {name: a, files: b, file: a}", "2:25: unknown key 'file' (did you mean files?)"),
        ("stacks:\n  - {files: a.yml}", "2:5: name is missing"),
        ("stacks: {a: b}", "1:1: stacks: this is a map; a list is wanted"),
        ("stacks: [a.yml]", "1:10: 'a.yml' is a text; it must be a map of keys: name, files, env-file, env …"),
        ("stacks:\n  - {name: a, files: [-]}", "2:23: files: '-': it is stdin, which has no path"),
        ("- a", "1:1: this is a list; it must be a map of keys: stack-names, stacks, client, interlock …"),
        ("domains:", "1:1: domains: it is empty; a list is wanted"),
        ("domains: []", "1:1: domains: the list is empty: leave the key out"),
        ("domains: shop.example.com", "1:10: domains: 'shop.example.com' is a text; a list is wanted"),
        ("domains: [a.b, 5]", "1:16: domains: '5' is a number; a text is wanted: put quotes around it"),
        ("domains: ['http://a.b']", ("1:11: domains: 'http://a.b': it is not a host name: use letters, digits, hyphens "
         "and dots, without http://, port and path")),
        ("domains: ['a.*.b']", "1:11: domains: 'a.*.b': a * is allowed only at the beginning, followed by a dot"),
        ("domains: ['*.']", "1:11: domains: '*.': a * is allowed only at the beginning, followed by a dot"),
        ("client: newest", "1:9: client: 'newest': it is not a version of the docker client, such as 20.10 or 28.2.2"),
        ("client: true", "1:9: client: true is no text; a text is wanted: put quotes around it"),
        ("client: ''", "1:9: client: '': it is not a version of the docker client, such as 20.10 or 28.2.2"),
        ("interlock: 3.2.3", "1:12: '3.2.3' is a text; it must be a map of keys: version, config, publish-mode …"),
        ("interlock: {publish-mode: x}", "1:27: publish-mode: 'x': it is none of ingress, host"),
        ("fail-on: wraning", "1:10: fail-on: 'wraning': it is none of error, warning, info (did you mean warning?)"),
        ("fail-on: never", "1:10: fail-on: 'never': it is none of error, warning, info"),
        ("fail-on: [error]", "1:1: fail-on: this is a list; one of error, warning, info is wanted"),
        ("clusters: [prod]", "1:1: clusters: this is a list; a map is wanted, like {prod: {access: [/prod]}}"),
        ("clusters: {prod: [/prod]}", "1:12: this is a list; it must be a map of keys: access …"),
        ("clusters: {prod: {acces: [/prod]}}", "1:19: unknown key 'acces' (did you mean access?)"),
        ("clusters: {prod: {access: [prod]}}", ("1:28: access: 'prod': it is not the path of a collection, such as "
         "/prod")),
        ("clusters: {a b: {access: [/prod]}}", ("1:12: clusters: 'a b': it is not a name of letters, digits, dots, "
         "hyphens and underscores")),
        ("rules: {invalid-hots: off}", "1:9: there is no rule 'invalid-hots' (did you mean invalid-host?)"),
        ("rules: {invalid-host: fatal}", "1:23: invalid-host: 'fatal': it is none of off, info, warning, error"),
        ("rules: [invalid-host]", "1:1: rules: this is a list; a map is wanted, like {stack-name-inferred: off}"),
        ("exclude: [/etc]", "1:11: exclude: '/etc': it begins with /: paths are relative to the folder of this file"),
        ("exclude: ['..']", "1:11: exclude: '..': .. leads out of the folder of this file"),
        ("exclude: ['a[b']", "1:11: exclude: 'a[b': a [ is not closed"),
        ("exclude: ['a**']", "1:11: exclude: 'a**': ** matches whole folders: write **/ or /**"),
        ("exclude: ['a\\b']", "1:11: exclude: 'a\\\\b': separate folders with / instead of \\"),
        ("stack-names: {a.yml: a b}", ("1:22: a.yml: 'a b': no service or network of a stack of this name can "
         "be created")),
        ("stack-names: {a.yml: '**'}", "1:22: a.yml: '**': it has more than one *"),
        ("env: {TAG: 1.4}", "1:12: TAG: '1.4' is a number; a text is wanted: put quotes around it"),
        ("env: {A B: x}", "1:7: env: 'A B': it is not the name of a variable"),
        ("env: {A: \"a\\nb\"}", "1:10: A: 'a\\nb': it contains the control character U+000A"),
        ("env-file: ''", "1:11: env-file: '': it is empty"),
        ("env: {A: 2020-01-01}", "1:10: A: '2020-01-01' is a date; a text is wanted: put quotes around it"),
        ("domains:\n\t- x", "2:1: found character that cannot start any token"),
        ("a: b: c", "1:5: mapping values are not allowed in this context"),
        ("domains: [a.b]\ndomains: [a.c]", "2:1: the key is written twice"),
        ("5: x", "1:1: the key is not a string: quote it"),
        ("domains: [a.b]\n---\nx: y", "2:1: a second document, which lblint does not read"),
        ("domains: !x [a.b]", "1:1: a tag, which has no meaning here"),
        ("domains: *a", "1:10: unknown anchor 'a' referenced"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place(text: str, said: str) -> None:
    assert refused(text) == [said]


@pytest.mark.parametrize("text", ["", "a\0", "a\x1fb", "a\nb", "\x7f", "a" * 4001])
def test_a_text_with_a_control_character_or_too_long_is_refused(text: str) -> None:
    assert validators.text(text)
    assert bool(validators.any_text(text)) is (text != "")


@pytest.mark.parametrize("text", ["a", " a", "a" * 4000, "a b", "é", "\x80", "日本"])
def test_any_other_text_is_taken(text: str) -> None:
    assert validators.text(text) == validators.any_text(text) == ""


def test_all_mistakes_are_said_at_once() -> None:
    assert [line.rpartition(": ")[0].split(":")[0] for line in refused("a: 1\nb: 2\ndomains: 3\n")] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"a: \xff\xfe\n", "1:4: ", id="no UTF-8"),
        pytest.param(b"a: \0\n", "1:4: ", id="NUL"),
        pytest.param(b"x" * (10 * 1024 * 1024), " the file has", id="10 MB"),
        pytest.param(b"[" * 5000, " ", id="deep"),
        pytest.param(b"a: &a [x,x,x,x,x,x,x,x,x]\n"
                     + b"".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]\n".encode()
                                for i in range(9)), "", id="alias bomb"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused(content: bytes, said: str) -> None:
    assert refused(content)[0].startswith(said)


def test_at_most_twenty_mistakes_are_said() -> None:
    assert len(refused("".join(f"k{i}: 1\n" for i in range(500)))) == 20


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.sampled_from(["", "a", "a.yml", "off", "host", "3.2", "*.b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "files", "TAG", "a.yml",
                                                                               "invalid-host", "version"]), inner),
    max_leaves=5,
)  # fmt: skip
SCHEMA = json.loads((ROOT / "schemas" / "lblint.schema.json").read_text("utf-8"))


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_the_schema_knows_every_key_and_rule() -> None:
    def names(keys: tuple[Key, ...], node: dict[str, Any]) -> None:
        assert list(node["properties"]) == [key.name for key in keys]
        for key in keys:
            assert node["properties"][key.name]["description"] == key.doc
            if key.keys:
                below = node["properties"][key.name]
                named = key.kind is Kind.NAMED_TABLES
                names(key.keys, below["additionalProperties"] if named else below.get("items", below))

    names(KEYS, SCHEMA)
    assert sorted(SCHEMA["properties"]["rules"]["properties"]) == RULES


@given(st.dictionaries(st.sampled_from([*(key.name for key in KEYS), "other"]), ANY, max_size=2))
def test_what_the_schema_refuses_the_reader_refuses(data: dict[str, Any]) -> None:
    """The reader knows more (what a pattern or a version looks like), so it may refuse more."""
    try:
        read(json.dumps(data))
        taken = True
    except SettingsError:
        taken = False
    if taken:
        jsonschema.validate(data, SCHEMA)


@pytest.mark.parametrize("key", [pytest.param(key, id=key.name) for key in KEYS])
def test_examples_are_taken_by_both(key: Key) -> None:
    from ruamel.yaml import YAML

    text = f"{key.name}: {key.example}\n"
    read(text)
    jsonschema.validate(YAML(typ="safe").load(text), SCHEMA)


@pytest.mark.parametrize("key", [key for key in KEYS if key.kind in (Kind.TEXT, Kind.TEXTS)], ids=lambda key: key.name)
def test_a_text_of_a_wrong_type_is_refused_by_both(key: Key) -> None:
    for value in (5, True, {"a": "b"}, None, [], [[]], ""):
        refused(json.dumps({key.name: value}))
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({key.name: value}, SCHEMA)


TEXTS = st.lists(st.sampled_from([*(f"{key.name}:" for key in KEYS), " a", "  - ", "{", "}", "[", "]", "&a ", "*a", "'",
                                  '"', "\n", "\n  ", ": ", "off", "*.a.b", "!!str ", "<<: ", "# ", "\t", "\x85", "é"]),
                 max_size=12).map("".join)  # fmt: skip


@given(TEXTS.map(str.encode) | st.binary(max_size=20))
def test_any_text_is_read_or_refused(content: bytes) -> None:
    with suppress(SettingsError):
        assert read(content).file == ".lblint.yml"


def test_the_example_of_the_page_is_read() -> None:
    page = Path(ROOT / "docs" / "config.md").read_text("utf-8")
    assert read(page.partition("```yaml\n")[2].partition("```")[0]).names
