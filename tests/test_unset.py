"""Variables without a value: a guess in a check, the empty string in a deploy."""

from __future__ import annotations

import pytest

from lblint.finding import Finding, Severity
from lblint.lint import check_stacks, make_options
from lblint.source import read


def findings(text: str, deploying: bool, env: dict[str, str] | None = None) -> list[Finding]:
    source = read(f'version: "3.8"\nservices:\n  web:\n{text}'.encode(), "stack.yml")
    options = make_options("shop", env or {}, deploying=deploying, base="/nonexistent")
    return list(check_stacks([[source]], options).findings)


SHAPES = {
    "image": ("    image: $X/app:1\n", "invalid-image"),
    "env file": ("    image: a:1\n    env_file: ./none$X.env\n", "env-file-unreadable"),
    "network": ("    image: a:1\n    networks: [net$X]\n", "undeclared-network"),
    "volume": ("    image: a:1\n    volumes: [\"data$X:/t\"]\n", "undeclared-volume"),
    "long volume": (
        "    image: a:1\n    volumes: [{type: volume, source: data$X, target: /t}]\n", "undeclared-volume",
    ),
    "secret": ("    image: a:1\n    secrets: [key$X]\n", "undeclared-secret"),
    "long config": ("    image: a:1\n    configs: [{source: conf$X}]\n", "undeclared-secret"),
    "constraint": (
        "    image: a:1\n    deploy: {placement: {constraints: [\"node.labels.a$X\"]}}\n",
        "placement-constraint-syntax",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "rule"), SHAPES.values(), ids=SHAPES)
def test_in_a_deploy_the_consequence_is_the_error(text: str, rule: str) -> None:
    errors = [one for one in findings(text, deploying=True) if one.severity > Severity.INFO]
    assert [(one.rule, one.severity) for one in errors] == [(rule, Severity.ERROR)]
    assert "X" in errors[0].message
    assert "set X where you deploy" in errors[0].help


@pytest.mark.parametrize(("text", "rule"), SHAPES.values(), ids=SHAPES)
def test_in_a_check_the_variable_is_a_warning(text: str, rule: str) -> None:
    loud = [one for one in findings(text, deploying=False) if one.severity > Severity.INFO]
    assert [(one.rule, one.severity) for one in loud] == [("unset-variable", Severity.WARNING)]


PORTS = "    image: a:1\n    ports: [$HTTP_PORT, $HTTPS_PORT]\n"


def test_two_variables_are_not_one_item() -> None:
    assert "list-item-twice" not in {one.rule for one in findings(PORTS, deploying=False)}
    same = findings(PORTS, False, {"HTTP_PORT": "80", "HTTPS_PORT": "80"})
    assert [(one.rule, one.fixes) for one in same if one.severity is Severity.ERROR] == [("list-item-twice", ())]
    (twice,) = [one for one in findings(PORTS.replace("HTTPS", "HTTP"), False) if one.rule == "list-item-twice"]
    assert [fix.title for fix in twice.fixes] == ["remove the second one"]


HASHES = ["$apr1$Salt1234$/AbC", "$2y$05$vJ7M1LzgbZ8Yc3", "$6$rounds=5000$salt$sum", "$$apr1$Salt1234$AbC"]


@pytest.mark.parametrize("hashed", HASHES)
def test_all_dollars_of_a_hash_are_doubled(hashed: str) -> None:
    found = findings(f'    image: a:1\n    command: [htpasswd, "admin:{hashed}"]\n', deploying=False)
    (edit,) = [edit for one in found for fix in one.fixes for edit in fix.edits]
    assert edit.value == hashed.replace("$$", "$").replace("$", "$$")
    assert edit.place.chars == (6, 6 + len(hashed))


ROUTED = """\
    image: a:1
    networks: [front]
    deploy:
      labels: {com.docker.lb.hosts: $%s, com.docker.lb.port: "80", com.docker.lb.network: front}
"""


def test_two_hosts_that_are_not_known_are_not_one() -> None:
    text = f"{ROUTED % 'SHOP'}  api:\n{ROUTED % 'API'}networks: {{front: {{external: true}}}}\n"
    unset = findings(text.replace("$SHOP", "$SHOP.example.org").replace("$API", "$API.example.org"), deploying=False)
    assert "shared-host" not in {one.rule for one in unset}
    same = findings(text, False, {"SHOP": "shop.example.org", "API": "shop.example.org"})
    assert "shared-host" in {one.rule for one in same}
