"""Whatever a daemon answers and labels hold: a snapshot or a sentence, and a status that can be printed."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import jsonschema
import pytest
from fixture import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from managers import config, network, service

from lblint.interlock import LABELS
from lblint.lint.service_check import check_running
from lblint.report.status import render_status, render_status_json
from lblint.swarm import api_decode
from lblint.swarm.api_decode import OddAnswerError
from lblint.swarm.ingress_status import ingress_status
from lblint.swarm.model import Snapshot
from lblint.swarm.proxies import with_interlock
from lblint.swarm.snapshot_json import as_json, from_json

SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(SCALAR, lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below),
                    max_leaves=8)  # fmt: skip
SCHEMA = json.loads((ROOT / "schemas" / "status.schema.json").read_text("utf-8"))
READERS = {
    "service": (api_decode.service, service("web", "shop", ["n"], hosts="a.example.org")),
    "network": (api_decode.network, network("front", "shop")),
    "secret": (api_decode.secret, {"ID": "1", "Spec": {"Name": "a", "Labels": {}}}),
    "config": (api_decode.config, config("a", b"data", "shop")),
    "node": (api_decode.node, {"ID": "1", "Spec": {"Role": "worker"}, "Description": {"Hostname": "a"}}),
}


def _paths(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    entries = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, below in entries:
        found += _paths(below, (*path, key))
    return found


def _replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = json.loads(json.dumps(document))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return copy


@pytest.mark.parametrize("kind", sorted(READERS))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_answer_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    reader, sound = READERS[kind]
    path = data.draw(st.sampled_from(_paths(sound)))
    try:
        found = reader(_replaced(sound, path, data.draw(JSON)))
    except OddAnswerError:
        return
    section = kind + "s"
    snapshot = Snapshot()._replace(**{section: (found,)})
    again = from_json(json.loads(json.dumps(as_json(snapshot))))
    assert getattr(again, section)[0]._replace(id=found.id) == found


@settings(max_examples=150, deadline=None)
@given(document=JSON)
def test_any_json_is_a_snapshot_or_refused(document: Any) -> None:
    for given_document in (document, {"services": [document]}, {"services": [{"name": "a", "ports": document}]}):
        try:
            from_json(given_document)
        except OddAnswerError:
            continue


LABEL = st.sampled_from(["com.docker.lb." + name for name in LABELS]) | st.text(max_size=12)
VALUE = st.text(max_size=20) | st.sampled_from(["true", "8080", "front", "a.example.org", "/app", "vip", "blue"])


@settings(max_examples=150, deadline=None)
@given(every=st.lists(st.dictionaries(LABEL, VALUE, max_size=6), max_size=4), toml=st.text(max_size=60))
def test_any_labels_give_a_status(every: list[dict[str, str]], toml: str) -> None:
    services = []
    for at, labels in enumerate(every):
        made = service(f"s{at}", networks=["id-front"], hosts=f"h{at}.example.org", port="80")
        made["Spec"]["Labels"].update(labels)
        services.append(api_decode.service(made))
    core = service("ucp-interlock")
    core["Spec"]["TaskTemplate"]["ContainerSpec"]["Configs"] = [{"ConfigName": "c", "File": {"Name": "/config.toml"}}]
    found = Snapshot(services=(*services, api_decode.service(core)), networks=(api_decode.network(network("front")),))
    live = ingress_status(with_interlock(found, {"c": toml}))
    result = check_running(live)
    document = render_status_json(live, result, {"configs": "refused"})
    jsonschema.validate(json.loads(document), SCHEMA)
    for said in (document, render_status(live, result)):
        assert not {char for char in said if char != "\n" and unicodedata.category(char) in ("Cc", "Cs")}
