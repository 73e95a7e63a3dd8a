"""`lblint check --live`: stacks beside a snapshot. What each rule says stands in its fixtures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fixture import ROOT
from managers import Answer, config, encoded, fails, healthy, managers, network, service
from routes import ingress, route

from lblint.cli import main
from lblint.finding import Breaks, Finding
from lblint.interlock.routes import Route
from lblint.lint import check_stacks, make_options
from lblint.lint.service_check import check_running
from lblint.proxy import DEFAULT, trial
from lblint.source import read
from lblint.source.toml import read_toml
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.swarm.ingress_status import ingress_status
from lblint.swarm.model import STACK_LABEL, Node
from lblint.swarm.scheduler import meets
from lblint.swarm.snapshot_json import from_json

LB = "com.docker.lb."
WEB = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: shop.example.org
        com.docker.lb.port: "8080"
        com.docker.lb.network: front
%s
networks:
  front: {external: true}
"""
INTERLOCK = """\
ListenAddr = ":8080"
[Extensions]
[Extensions.default]
Image = "mirantis/ucp-interlock-extension:3.2.3"
ServiceName = "ucp-interlock-extension"
ProxyImage = "mirantis/ucp-interlock-proxy:3.2.3"
ProxyServiceName = "edge"
ProxyReplicas = 2
PublishedPort = 8080
PublishedSSLPort = 8443
%s
"""


def beside(text: str, **document: Any) -> list[Finding]:
    """The findings on the stack `shop` beside a snapshot of these services, networks and so on."""
    document.setdefault("networks", [{"name": "front"}])
    found = from_json(document)
    options = make_options(stack_name="shop", env={}, live=lambda names: found)
    result = check_stacks([[read(text.encode(), "stack.yml")]], options)
    assert not result.unchecked
    assert {finding.file for finding in result.findings} <= {"stack.yml"}
    return list(result.findings)


def routed(name: str, stack: str = "blog", **labels: str) -> dict[str, Any]:
    """A running service with labels."""
    given = {"hosts": "shop.example.org", "port": "8080", "network": "front", **labels}
    own = {LB + key: value for key, value in given.items() if value}
    return {"name": name, "image": "a", "networks": ["front"], "labels": {**own, STACK_LABEL: stack}}


def rules(findings: list[Finding]) -> dict[str, str]:
    """The messages by the rule."""
    return {finding.rule: finding.message for finding in findings}


def test_a_free_host_is_no_finding() -> None:
    assert beside(WEB % "", services=[routed("blog_web", hosts="blog.example.org")]) == []


def test_a_host_of_another_stack_is_told() -> None:
    said = rules(beside(WEB % "", services=[routed("blog_web")]))
    assert "the running service blog_web also has the host" in said["shared-host"]


def test_a_host_with_other_options_is_an_error() -> None:
    said = rules(beside(WEB % "", services=[routed("blog_web", ssl_cert="blog.cert", ssl_key="blog.key")]))
    assert "the running service blog_web" in said["shared-host-differs"]


def test_the_service_that_the_deploy_replaces_does_not_count() -> None:
    assert beside(WEB % "", services=[routed("shop_web", "shop")]) == []


def test_a_service_that_the_files_no_longer_have_counts() -> None:
    assert "shared-host" in rules(beside(WEB % "", services=[routed("shop_old", "shop")]))


@pytest.mark.parametrize("slip", [{"backend_mod": "vip"}, {"port": ""}])
def test_what_is_wrong_with_a_running_service_hides_no_conflict_with_it(slip: dict[str, str]) -> None:
    """Its labels may be misspelt for years; the proxy has its host all the same."""
    running = routed("other_web", "other", hosts="SHOP.example.org", **slip)
    assert "host-in-two-cases" in rules(beside(WEB % "", services=[running]))


def test_what_prune_removes_does_not_count() -> None:
    holder = routed("shop_old", "shop") | {"ports": [{"target": 80, "published": 80}]}
    text = (WEB % "").replace("    networks", "    ports: ['80:80']\n    networks")
    for prune, expected in ((False, {"port-held-by-service", "shared-host"}), (True, set())):
        found = from_json({"services": [holder], "networks": [{"name": "front"}]})
        options = make_options(stack_name="shop", env={}, live=lambda names, found=found: found, prune=prune)  # type: ignore[misc]
        result = check_stacks([[read(text.encode(), "stack.yml")]], options)
        assert {finding.rule for finding in result.findings} == expected


def test_a_second_default_backend_names_the_running_one() -> None:
    own = '        com.docker.lb.default_backend: "true"'
    said = rules(beside(WEB % own, services=[routed("blog_web", hosts="", default_backend="true")]))
    assert "the running service blog_web" in said["second-default-backend"]


def test_a_second_path_on_a_host_names_the_running_service() -> None:
    own = "        com.docker.lb.context_root: /shop"
    said = rules(beside(WEB % own, services=[routed("blog_web", context_root="/blog")]))
    assert "the running service blog_web" in said["second-context-root"]


def test_the_same_host_in_another_cluster_is_no_finding() -> None:
    assert beside(WEB % "", services=[routed("blog_web", service_cluster="blue")]) == []


def test_a_broken_running_service_does_not_hide_what_the_stack_breaks() -> None:
    broken = routed("blog_web", hosts="bad host;{")
    other = routed("other_web", "other", hosts="SHOP.example.org")
    assert "host-in-two-cases" in rules(beside(WEB % "", services=[broken, other]))


def interlock(more: str = "") -> dict[str, Any]:
    """A running Interlock: its core, its proxy, its config."""
    name = "com.docker.ucp.interlock.conf-3"
    label = {"type": "com.docker.interlock.core.proxy"}
    return {
        "services": [
            {"name": "ucp-interlock", "configs": [{"name": name, "target": "/config.toml"}]},
            {"name": "edge", "labels": label, "networks": ["front"], "replicas": 2},
        ],
        "configs": [{"name": name, "text": INTERLOCK % more}],
    }


def test_a_service_cluster_that_interlock_does_not_have() -> None:
    own = "        com.docker.lb.service_cluster: blue"
    assert "blue" in rules(beside(WEB % own, **interlock()))["service-cluster-unknown"]


def test_what_the_managers_tell_of_interlock_comes_before_hearsay() -> None:
    """A config that was given says that the cluster is there, and so it is; one beside the stacks says nothing."""
    text = WEB % "        com.docker.lb.service_cluster: blue"
    given = read_toml(b"[Extensions.blue]\nServiceCluster = 'blue'\nServiceName = 'x'\n", "own.toml")
    found = from_json({"networks": [{"name": "front"}], **interlock()})
    for hearsay in (False, True):
        options = make_options(
            stack_name="shop", env={}, live=lambda names: found, interlock=given, from_settings=hearsay
        )
        said = {finding.rule for finding in check_stacks([[read(text.encode(), "stack.yml")]], options).findings}
        assert ("service-cluster-unknown" in said) is hearsay


def test_the_default_cluster_of_a_running_interlock() -> None:
    assert beside(WEB % "", **interlock()) == []


def test_a_proxy_that_interlocks_config_names_joins_networks() -> None:
    text = (WEB % "").replace("front", "shop-front")
    networks = [{"name": "front"}, {"name": "shop-front"}]
    said = rules(beside(text, **interlock(), networks=networks))
    assert "edge joins shop-front; replacing its 2 tasks on 2 networks" in said["proxy-joins-networks"]
    assert "4 s to 8 s" in said["proxy-joins-networks"]
    fixed = interlock('Networks = ["front"]')
    assert "proxy-joins-networks" not in rules(beside(text, **fixed, networks=networks))


def proxied(conf: str, *services: dict[str, Any], name: str = "ucp-interlock-proxy", image: str = "") -> dict[str, Any]:
    """A proxy that runs with this nginx.conf, beside services."""
    use = {"name": "com.docker.interlock.proxy.3", "target": "/etc/nginx/nginx.conf"}
    proxy = {"name": name, "image": image, "networks": ["front"], "configs": [use]}
    return {"services": [*services, proxy], "configs": [{"name": use["name"], "text": conf}]}


def rendered(*routes: Route, **settings: Any) -> str:
    """The nginx.conf that a proxy has for these routes."""
    return trial(ingress(*routes), DEFAULT._replace(**settings)).text


def test_hosts_of_services_that_are_seen_are_compared_by_their_labels_alone() -> None:
    """The running config has the stack's own former hosts, too, and may be older than the labels."""
    conf = rendered(route(hosts="shop.example.org", port=9000, context_root="/old"))
    assert beside(WEB % "", **proxied(conf, routed("shop_web", "shop"))) == []
    said = rules(beside(WEB % "", **proxied(conf, routed("blog_web"))))
    assert set(said) == {"shared-host"}, "once, and of the service"


def test_hosts_that_only_the_running_config_has() -> None:
    said = rules(beside(WEB % "", **proxied(rendered(route(hosts="SHOP.example.org")))))
    assert "already served by ucp-interlock-proxy (com.docker.interlock.proxy.3:" in said["host-served-already"]
    assert "no visible service has this host" in said["host-served-already"]
    (found,) = beside(WEB % "", **proxied(rendered(route(hosts="shop.example.org"))))
    assert str(found.severity) == "info", "a stack that was removed a second ago"


def test_the_config_of_another_clusters_proxy_is_none_of_the_stacks() -> None:
    conf = rendered(route(hosts="shop.example.org", port=9000), max_connections=3)
    assert beside(WEB % "", **proxied(conf, name="ucp-interlock-proxy-blue")) != [], "the only proxy there is"
    blue = "        com.docker.lb.service_cluster: blue"
    assert beside(WEB % blue, **proxied(conf)) == []
    assert set(rules(beside(WEB % blue, **proxied(conf, name="ucp-interlock-proxy-blue")))) == {"host-served-already"}


def test_sizes_of_the_running_proxy_hold_for_the_trial_of_all() -> None:
    text = (WEB % "").replace("shop.example.org", "a" * 60 + "." + "b" * 59 + ".org")
    assert "host-too-long" in rules(beside(text, **proxied(rendered())))
    assert "host-too-long" not in rules(beside(text, **proxied(rendered(server_names_hash_bucket_size=256))))
    tasks = [routed("shop_old", "shop") | {"replicas": 63}]
    old = route(hosts="shop.example.org", targets=63)
    assert "too-many-servers" in rules(beside(WEB % "", **proxied(rendered(old), *tasks)))
    assert "too-many-servers" not in rules(beside(WEB % "", **proxied(rendered(old, upstream_zone_size=256), *tasks)))
    secure = "        com.docker.lb.ssl_cert: c\n        com.docker.lb.ssl_key: k"
    secrets = "\nsecrets: {c: {external: true}, k: {external: true}}\n"
    text = (WEB % secure).replace("    networks: [front]", "    networks: [front]\n    secrets: [c, k]") + secrets
    full = route(hosts="other.example.org", ssl_passthrough=True)
    documents = {"secrets": [{"name": "c"}, {"name": "k"}]}
    said = rules(beside(text, **proxied(rendered(full, max_connections=4)), **documents))
    assert "needs 4 listening sockets, and it has only 4 worker_connections" in said["running-proxy-limit"]
    assert "running-proxy-limit" not in rules(beside(text, **proxied(rendered(full, max_connections=5)), **documents))


def test_what_interlocks_config_sets_goes_before_what_runs() -> None:
    """The next config is made of it."""
    conf = rendered(server_names_hash_bucket_size=64)
    text = (WEB % "").replace("shop.example.org", "a" * 50 + ".example.org")
    core = interlock("[Extensions.default.Config]\nServerNamesHashBucketSize = 128\nMaxConnections = 9")
    running = proxied(conf, *core["services"][:1], name="edge")
    running["configs"] += core["configs"]
    assert "running-proxy-limit" not in rules(beside(text, **running))
    assert "running-proxy-limit" in rules(beside(text, **proxied(conf)))


BY_HAND = """\
worker_processes 4;
load_module modules/ngx_http_geoip_module.so;
events { worker_connections 2; }
http {
  server_names_hash_bucket_size 64;
  include conf.d/*.conf;
  upstream sorry { zone sorry 8k; server 10.0.0.9:80; }
  server { listen 80 default_server; server_name _; location / { proxy_pass http://sorry; } }
  server { listen 80; server_name ~^(?<team>.+)\\.example\\.org$ *.example.org; location / { proxy_pass $team; } }
  server { listen 443 ssl; server_name status.example.org; location /s { proxy_pass http://10.0.0.1; } }
}
stream { server { listen 5432; proxy_pass 10.0.0.1:5432; } }
"""


@pytest.mark.parametrize(
    "more",
    ["", '        com.docker.lb.default_backend: "true"', '        com.docker.lb.ssl_passthrough: "true"'],
    ids=["plain", "default-backend", "tls"],
)
def test_a_config_by_hand_is_no_reason_for_alarm(more: str) -> None:
    assert beside(WEB % more, **proxied(BY_HAND)) == beside(WEB % more)


def test_a_config_that_is_not_followed_is_told_of_once() -> None:
    (found,) = beside(WEB % "", **proxied("http { server { listen 80; }"))
    assert (found.rule, str(found.severity)) == ("proxy-config-unread", "info")
    assert [finding.rule for finding in beside(WEB % "", **proxied(""))] == ["proxy-config-unread"]
    assert beside(WEB % "", **proxied("global\n  maxconn 9\n", image="docker/ucp-interlock-proxy-haproxy:3")) == []


def test_a_stack_without_a_name_is_not_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(WEB % "")
    with managers(healthy(networks=[network("front")])) as (host, _):
        assert main(["check", "--live", "-H", host, str(file)]) == 2
        assert "give --stack-name" in capsys.readouterr().out
        assert main(["check", "--live", "-H", host, "-n", "shop", str(file)]) == 0


def test_variables_that_are_not_set_make_no_errors() -> None:
    text = (WEB % "").replace("{external: true}", '{external: true, name: "${NET}"}')
    found = [finding for finding in beside(text) if finding.rule == "external-network-missing"]
    assert all(str(finding.severity) == "warning" for finding in found)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("node.role == MANAGER", True),
        ("node.role != manager", False),
        ("node.hostname == m1", True),
        ("node.id==abc", True),
        ("node.ip == 10.1.1.1", True),
        ("node.ip == 10.1.0.0/16", True),
        ("node.ip != 10.1.0.0/16", False),
        ("node.ip == nonsense", False),
        ("node.platform.os == linux", True),
        ("node.platform.arch == x86_64", True),
        ("node.labels.zone == DMZ", True),
        ("node.labels.Zone == dmz", False),
        ("node.labels.Zone != dmz", True),
        ("engine.labels.disk == ssd", True),
        ("node.foo != x", False),
    ],
    ids=str,
)
def test_constraints_on_a_node(text: str, met: bool) -> None:
    node = Node("abc", "m1", "manager", address="10.1.1.1", labels={"zone": "dmz"}, engine_labels={"disk": "ssd"})
    constraint = parse_constraint(text)
    assert isinstance(constraint, Constraint)
    assert meets(node, constraint) is met


def _status_answers() -> dict[str, Answer]:
    proxy = service("ucp-interlock-proxy", networks=["id-front", "id-old"])
    proxy["Spec"]["Labels"]["type"] = "com.docker.interlock.core.proxy"
    proxy["UpdateStatus"] = {"State": "rollback_completed", "Message": "rollback completed"}
    core = service("ucp-interlock")
    use = {"ConfigName": "com.docker.ucp.interlock.conf-3", "ConfigID": "c", "File": {"Name": "/config.toml"}}
    core["Spec"]["TaskTemplate"]["ContainerSpec"]["Configs"] = [use]
    bad = service("bad_web", "bad", ["id-front"], hosts="http://bad.example.org", port="8080", network="front")
    bad["UpdatedAt"] = "2026-11-02T09:26:12.123456789Z"
    toml = (INTERLOCK % "").replace('"edge"', '"ucp-interlock-proxy"')
    return healthy(
        [
            proxy,
            core,
            service("ucp-interlock-extension"),
            service("shop_web", "shop", ["id-front"], hosts="shop.example.org", port="8080", network="front"),
            bad,
        ],
        [network("front"), network("old", "gone")],
        [config("com.docker.ucp.interlock.conf-3", toml.encode())],
    )


def test_status_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(_status_answers()) as (host, server):
        assert main(["status", "-H", host]) == 1
        assert main(["status", "-H", host, "--fail-on", "never"]) == 0
        assert len(server.asked) == 18, "with the tasks, and the log of the proxy"
    out = capsys.readouterr().out.replace("\n", " \n")
    assert "shop.example.org        /     -    shop_web  2/2    8080  front  ucp-interlock-proxy  - " in out
    assert "ucp-interlock-proxy  2/2    rollback_completed  -" in out
    assert "error: ucp-interlock-proxy runs with an older config, as its last update is in the state rollback" in out
    assert "; caused by com.docker.lb.hosts of bad_web (stack bad, deployed 2026-11-02 09:26:12 UTC)" in out
    assert "docker service update --label-rm com.docker.lb.hosts bad_web" in out
    assert "ucp-interlock-proxy is attached to old, where no service is that it serves" in out
    assert "(default)  default    ucp-interlock-proxy  8080, 8443  ingress  2" in out
    assert 'service:bad_web:10:33: error: com.docker.lb.hosts: "http://bad.example.org" is a URL' in out
    assert '"com.docker.lb.hosts": "http://bad.example.org"' in out
    assert "shop_web:" not in out


def _keys(document: Any, at: str = "") -> set[str]:
    """The keys of a document, each with the way to it."""
    if isinstance(document, list):
        return {key for item in document for key in _keys(item, at)}
    below = document.items() if isinstance(document, dict) else ()
    return {f"{at}.{key}" for key, _ in below} | {way for key, value in below for way in _keys(value, f"{at}.{key}")}


def _described(schema: Any, node: Any, at: str = "") -> set[str]:
    """The keys that a schema describes."""
    node = schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    below = {key: value for part in (node, node.get("items", {})) for key, value in part.get("properties", {}).items()}
    return {f"{at}.{key}" for key in below} | {
        way for key, value in below.items() for way in _described(schema, value, f"{at}.{key}")
    }


def test_status_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    answers = _status_answers()
    with managers(answers) as (host, _):
        assert main(["status", "-H", host, "--format", "json"]) == 1
        found = json.loads(capsys.readouterr().out)
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(answers, "/configs", fails(403, "access denied"))
            assert main(["status", "-H", host, "--format", "json"]) == 2
            without = json.loads(capsys.readouterr().out)
    schema = json.loads((ROOT / "schemas" / "status.schema.json").read_text("utf-8"))
    for document in (found, without):
        jsonschema.validate(document, schema)
        as_described = {key for key in _keys(document) if not key.startswith(".findings.")}
        assert as_described <= _described(schema, schema)
    assert [(one["list"], "refuses the list of configs" in one["reason"]) for one in without["unchecked"]] == [
        ("configs", True)
    ]
    assert found["unchecked"] == []
    assert [(row["tasks"], row["stack"], row["tls"], row["proxy"]) for row in found["routes"]] == [
        ({"running": 2, "wanted": 2}, "bad", None, "ucp-interlock-proxy"),
        ({"running": 2, "wanted": 2}, "shop", None, "ucp-interlock-proxy"),
    ]
    assert [(one["rule"], one["service"]) for one in found["findings"]] == [
        ("invalid-host", "bad_web"),
        ("interlock-update-failed", "ucp-interlock-proxy"),
    ]
    assert [(one["kind"], one["service"], one["tasks"]) for one in found["interlock"]] == [
        ("core", "ucp-interlock", {"running": 2, "wanted": 2}),
        ("extension", "ucp-interlock-extension", {"running": 2, "wanted": 2}),
    ]
    assert [(row["host"], row["service"], row["networks"]) for row in found["routes"]] == [
        ("http://bad.example.org", "bad_web", ["front"]),
        ("shop.example.org", "shop_web", ["front"]),
    ]
    (proxy,) = found["proxies"]
    assert (proxy["proxy"], proxy["orphaned"], proxy["clusters"]) == ("ucp-interlock-proxy", ["old"], [""])
    assert [row["routes"] for row in found["clusters"]] == [2]


def test_status_of_a_proxy_that_serves_what_nobody_asks_for(capsys: pytest.CaptureFixture[str]) -> None:
    answers = _status_answers()
    (proxy, *others) = json.loads(answers["/services"])  # type: ignore[arg-type]
    others.append(service("long_web", "long", ["id-front"], hosts="a" * 50 + ".org", port="8080", network="front"))
    use = {"ConfigName": "com.docker.interlock.proxy.3", "ConfigID": "p", "File": {"Name": "/etc/nginx/nginx.conf"}}
    proxy["Spec"]["TaskTemplate"]["ContainerSpec"]["Configs"] = [use]
    kept, gone = route(hosts="shop.example.org"), [route(f"g{n}", hosts=f"g{n}.example.org") for n in range(7)]
    text = rendered(kept, *gone, server_names_hash_bucket_size=64)
    configs = [*json.loads(answers["/configs"]), config(use["ConfigName"], text.encode())]  # type: ignore[arg-type]
    answers |= {"/services": encoded([proxy, *others]), "/configs": encoded(configs)}
    with managers(answers) as (host, _):
        main(["status", "-H", host])
        out = capsys.readouterr().out
        main(["status", "-H", host, "--format", "json"])
        found = json.loads(capsys.readouterr().out)
    assert "serves g0.example.org, g1.example.org, g2.example.org, g3.example.org, g4.example.org and 2 more" in out
    assert found["proxies"][0]["unasked"] == [f"g{n}.example.org" for n in range(7)]
    assert "running-proxy-limit" in {one["rule"] for one in found["findings"]}, "with the sizes that it is set to"


def test_of_what_runs_nothing_is_said_that_could_keep_it_from_its_deploy() -> None:
    """Its image is no reference that docker deploys; it runs all the same."""
    document = {"services": [routed("blog_web", hosts="http://blog.example.org") | {"image": "A b"}]}
    found = from_json(document | {"networks": [{"name": "front"}]})
    said = check_running(ingress_status(found)).findings
    assert {one.rule for one in said} == {"interlock-not-running", "invalid-host"}
    assert Breaks.DEPLOY not in {one.breaks for one in said}


def test_status_of_a_swarm_without_routes(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(healthy()) as (host, _):
        assert main(["status", "-H", host]) == 0
    assert capsys.readouterr().out == "no routes\n\nno proxy\n\nno findings\n"


def test_labels_that_attack_the_terminal_are_shown_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    evil = service("evil", networks=["id-front"], hosts="\x1b[31mx\u202e\n.example.org", port="80\x07", network="front")
    with managers({**healthy([evil], [network("front")]), "/info": encoded({"Swarm": {"ControlAvailable": True}})}) as (
        host,
        _,
    ):
        assert main(["status", "-H", host]) == 1
    out = capsys.readouterr().out
    assert not set(out) & {"\x1b", "\x07", "\u202e"}


def test_rule_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(healthy()) as (host, _):
        assert main(["status", "-H", host, "--ignore", "nope"]) == 2
    assert "there is no rule 'nope'" in capsys.readouterr().err
