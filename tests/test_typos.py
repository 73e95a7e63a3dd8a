"""One slip of the finger in a label: none in a key passes in silence, and those in a value pass only as another value.

`bench/typos.py` does the same with the values of real files and counts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import pytest
from fixture import ROOT

from lblint.finding import Severity
from lblint.interlock import LABELS, LabelSpec
from lblint.lint import check_stacks, make_options
from lblint.source import read

sys.path.append(str(ROOT / "bench"))

from typos import edits, silent_keys, values, verdict, whole

SPECS = [pytest.param(spec, id=name) for name, spec in LABELS.items()]


@pytest.mark.parametrize("spec", SPECS)
def test_no_edit_of_a_key_passes_the_whole_check_in_silence(spec: LabelSpec) -> None:
    assert list(silent_keys(spec, "aA_ :")) == []


def misses(spec: LabelSpec, sane: str) -> Iterator[str]:
    """Edits of the label's example that pass though they hold a character that its value cannot have."""
    for typo in edits(spec.example):
        if not set(typo) <= set(sane) and verdict(spec, typo) in ("passes", "info"):
            yield typo


REDIRECT = "http://old.org,http://new.org"
NAMES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SANE = {
    "hosts": NAMES + "._-,",
    "port": "0123456789",
    "network": NAMES + "._-",
    "service_cluster": NAMES + "._-",
    "ssl_cert": NAMES + "._-",
    "ssl_key": NAMES + "._-",
    "redirects": NAMES + "._-,;:/",
    "sticky_session_cookie": NAMES + "_",
    "max_fails": "0123456789",
    "fail_timeout": "0123456789smhdwMy",
}
"""Characters that may pass; flags and modes have no other values than their own."""


@pytest.mark.parametrize("name", SANE)
def test_no_edit_of_a_value_passes_with_a_character_that_it_cannot_have(name: str) -> None:
    assert list(misses(LABELS[name], SANE[name])) == []


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.values[0].kind in ("true or false", "task or vip")])
def test_no_edit_of_a_word_passes(spec: LabelSpec) -> None:
    assert [typo for typo in edits(spec.example) if verdict(spec, typo) in ("passes", "info")] == []


@pytest.mark.parametrize("char", [*" \t\n;{}\"'\\$#", "\u00a0", "\u200b"])
@pytest.mark.parametrize("name", ["context_root", "websocket_endpoints"])
def test_no_odd_character_in_a_path_passes(name: str, char: str) -> None:
    spec = LABELS[name]
    typos = [spec.example[:at] + char + spec.example[at:] for at in range(1, len(spec.example))]
    harmless = {"#", '"', "'"}  # text to nginx and to browsers, inside of a word
    assert [typo for typo in typos if verdict(spec, typo) == "passes" and char not in harmless] == []


@pytest.mark.parametrize(
    ("name", "value", "typo", "worst"),
    [
        pytest.param("network", "demo_ingress", "demo_ingres", "error", id="network"),
        pytest.param("ssl_cert", "demo_cert", "demo_cret", "warning", id="certificate"),
        pytest.param("redirects", REDIRECT, "http://od.org,http://new.org", "error", id="source"),
        pytest.param("redirects", REDIRECT, "http://old.org,http://new..org", "error", id="target"),
        pytest.param("hosts", "app.example.org", "app.exmple.org", "passes", id="another-host"),
    ],
)
def test_what_the_validator_passes_is_looked_up_in_the_stack(name: str, value: str, typo: str, worst: str) -> None:
    assert whole(name, value, value) in ("passes", "info")
    assert whole(name, value, typo) == worst


def test_values_are_found_in_every_form(tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "a.md"
    file.write_text(
        "com.docker.lb.hosts: a.org # comment\n"
        "- com.docker.lb.hosts=b.org\n"
        '- "com.docker.lb.hosts=c.org"\n'
        "com.docker.lb.hosts: 'd.org,e.org'\n"
        "docker service create --label com.docker.lb.port=80 \\\n"
        "--label com.docker.lb.unknown=x\n"
    )
    found = {name: known for name, known in values([file]).items() if known}
    assert found == {"hosts": {"a.org", "b.org", "c.org", "d.org,e.org"}, "port": {"80"}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("port", "80;} evil${NOPE}", id="port"),
        pytest.param("port", "${NOPE}http", id="letters"),
        pytest.param("hosts", "a.org;} include /etc/passwd; ${NOPE}", id="hosts"),
        pytest.param("websocket_endpoints", "/a { ${NOPE}", id="websocket"),
        pytest.param("redirects", "http://app.example.org,http://b;}${NOPE}", id="redirect"),
    ],
)
def test_a_variable_that_is_not_set_hides_nothing(name: str, value: str) -> None:
    labels = {"hosts": "app.example.org", "port": "8080", "network": "front", name: value}
    made = {"com.docker.lb." + label: text for label, text in labels.items()}
    web = {"image": "example/web:1.4", "networks": ["front"], "deploy": {"labels": made}}
    whole = {"services": {"web": web}, "networks": {"front": {"external": True}}}
    result = check_stacks([[read(json.dumps(whole).encode(), "stack.yml")]], make_options(env={}))
    assert any(f.severity is Severity.ERROR and f.path[-1:] == ("com.docker.lb." + name,) for f in result.findings)
