"""`lblint interlock`: the commands against a stand-in for a daemon, which only answers GET."""

from __future__ import annotations

import base64
import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fixture import ROOT
from managers import encoded, healthy, managers, service

from lblint.cli import main
from lblint.finding import Severity
from lblint.lint import check_stacks
from lblint.report.config_changes import age
from lblint.source.toml import read_toml
from lblint.swarm.core_config import next_name
from lblint.swarm.snapshot_json import from_json

NAME = "com.docker.ucp.interlock.conf-"
DEFAULT = """\
ListenAddr = ":8080"
DockerURL = "unix:///var/run/docker.sock"
PollInterval = "3s"

[Extensions]
  # the one that UCP makes
  [Extensions.default]
    Image = "docker/ucp-interlock-extension:3.2.3"
    ServiceName = "ucp-interlock-extension"
    ProxyImage = "docker/ucp-interlock-proxy:3.2.3"
    ProxyServiceName = "ucp-interlock-proxy"
    ProxyReplicas = 2
    ProxyConstraints = ["node.platform.os==linux"]
    ConfigImage = "docker/ucp-interlock-config:3.2.3"
    ConfigServiceName = "ucp-interlock-config"
    Networks = ["ingress"]
    PublishMode = "ingress"
    PublishedPort = 80
    TargetPort = 80
    PublishedSSLPort = 8443
    TargetSSLPort = 443
    [Extensions.default.ProxyLabels]
      "com.docker.ucp.InstanceID" = "fewho8k85kyc6iqypvvdh3ntm"
    # nginx
    [Extensions.default.Config]
      User = "nginx"
"""


def core(name: str = "ucp-interlock", config: str = NAME + "1") -> dict[str, Any]:
    """A service that mounts a config object as Interlock's core does."""
    made = service(name)
    made["Spec"]["TaskTemplate"]["ContainerSpec"]["Configs"] = [
        {"ConfigID": "id-" + config, "ConfigName": config, "File": {"Name": "/config.toml"}}
    ]
    return made


def config(name: str = NAME + "1", text: str = DEFAULT) -> dict[str, Any]:
    """A config object in the API's form."""
    data = base64.b64encode(text.encode()).decode()
    spec = {"Name": name, "Labels": {"com.docker.ucp.InstanceID": "few"}, "Data": data}
    return {"ID": "id-" + name, "CreatedAt": "2019-05-02T10:00:00.123456789Z", "Spec": spec}


def test_show_prints_the_text_and_names_the_object(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(healthy([core(), service("web")], configs=[config(NAME + "2"), config()])) as (host, _):
        assert main(["interlock", "show", "-H", host]) == 0
    out, err = capsys.readouterr()
    assert out == DEFAULT
    assert err.startswith(f"lblint: ucp-interlock runs with {NAME}1, created ")
    assert err.endswith(" days ago\n")


def test_show_as_json_is_as_its_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(healthy([core()], configs=[config()])) as (host, _):
        assert main(["interlock", "show", "-H", host, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads((ROOT / "schemas" / "interlock-config.schema.json").read_text("utf-8")))
    assert document["config"] == NAME + "1"
    assert document["version"] == "UCP 3.2.3"
    assert document["labels"] == {"com.docker.ucp.InstanceID": "few"}
    (extension,) = document["extensions"]
    assert (extension["proxy"], extension["mode"], extension["ports"]) == ("ucp-interlock-proxy", "ingress", [80, 8443])
    assert document["text"] == DEFAULT


@pytest.mark.parametrize(
    ("services", "configs", "words"),
    [
        ([service("web")], [config()], "there is no service ucp-interlock in this Swarm"),
        (
            [core(), core("ucp-interlock-old")],
            [config()],
            f"2 services may be Interlock's core: ucp-interlock ({NAME}1) and ucp-interlock-old ({NAME}1); name one",
        ),
        ([service("ucp-interlock")], [], "ucp-interlock does not run with a config object"),
        ([core()], [], f"config {NAME}1, which ucp-interlock runs with, is not shown by the managers or is empty"),
    ],
)  # fmt: skip
def test_a_core_that_cannot_be_found_is_named(
    services: list[Any], configs: list[Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with managers(healthy(services, configs=configs)) as (host, _):
        assert main(["interlock", "show", "-H", host]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err


def test_one_of_two_cores_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    answers = healthy(
        [core(), core("other", NAME + "2")], configs=[config(), config(NAME + "2", "PollInterval = '5s'")]
    )
    with managers(answers) as (host, _):
        assert main(["interlock", "show", "-H", host, "--service", "other"]) == 0
        assert main(["interlock", "show", "-H", host, "--service", "web"]) == 2
    out, err = capsys.readouterr()
    assert out == "PollInterval = '5s'"
    assert "web does not run with a config of Interlock's core: other, ucp-interlock would" in err


def test_diff_says_what_changes_and_then_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    changed = DEFAULT.replace("ProxyReplicas = 2", "ProxyReplicas = 3").replace('PublishMode = "ingress"\n', "")
    dev = '[Extensions.dev]\nServiceCluster = "dev"\nProxyServiceName = "p-dev"\nPublishMode = "host"\n'
    file.write_text(changed + dev)
    with managers(healthy([core()], configs=[config()])) as (host, _):
        assert main(["interlock", "diff", "-H", host, str(file)]) == 1
        out = capsys.readouterr().out
        file.write_text(DEFAULT)
        assert main(["interlock", "diff", "-H", host, str(file)]) == 0
        assert capsys.readouterr().out == "no difference\n"
        file.write_text(DEFAULT + "# more\n")
        assert main(["interlock", "diff", "-H", host, str(file)]) == 1
        assert capsys.readouterr().out.startswith("nothing changes in meaning\n")
        file.write_text("[[Extensions]]\n")
        assert main(["interlock", "diff", "-H", host, str(file)]) == 2
        assert "it is not a config of Interlock 2 or 3" in capsys.readouterr().err
    assert out.splitlines()[:4] == [
        "+ [Extensions.dev]: service cluster dev, ? x p-dev, host mode, ports 80 and 8443, nodes: any",
        "~ [Extensions.default] ProxyReplicas: 2 -> 3",
        '~ [Extensions.default] PublishMode: "ingress" -> not set ("ingress")',
        "",
    ]
    assert "-    ProxyReplicas = 2\n+    ProxyReplicas = 3\n" in out


def test_diff_as_json_is_as_its_schema_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    schema = json.loads((ROOT / "schemas" / "interlock-diff.schema.json").read_text("utf-8"))

    def diff(text: str, code: int) -> Any:
        file.write_text(text)
        assert main(["interlock", "diff", "-H", host, "--format", "json", str(file)]) == code
        document = json.loads(capsys.readouterr().out)
        jsonschema.validate(document, schema)
        return document

    dev = '[Extensions.dev]\nServiceCluster = "dev"\nProxyServiceName = "p-dev"\nPublishMode = "host"\n'
    with managers(healthy([core()], configs=[config()])) as (host, _):
        changed = diff(DEFAULT.replace("ProxyReplicas = 2", "ProxyReplicas = 3").replace('"3s"', '"5s"') + dev, 1)
        same = diff(DEFAULT, 0)
        commented = diff(DEFAULT + "# more\n", 1)
        renamed = diff(DEFAULT.replace("Extensions.default", "Extensions.main"), 1)
    assert [(one["name"], one["cluster"], one["mode"]) for one in changed["added"]] == [("dev", "dev", "host")]
    assert changed["keys"] == [
        {"extension": None, "key": "PollInterval", "before": "3s", "after": "5s"},
        {"extension": "default", "key": "ProxyReplicas", "before": 2, "after": 3},
    ]
    assert "-    ProxyReplicas = 2\n+    ProxyReplicas = 3\n" in changed["diff"]
    assert [same[name] for name in ("added", "removed", "renamed", "keys", "diff")] == [[], [], [], [], ""]
    assert (commented["keys"], "+# more\n" in commented["diff"]) == ([], True)
    assert renamed["renamed"] == [{"before": "default", "after": "main"}]


def test_an_extension_under_another_name_is_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(DEFAULT.replace("Extensions.default", "Extensions.main"))
    with managers(healthy([core()], configs=[config()])) as (host, _):
        assert main(["interlock", "diff", "-H", host, str(file)]) == 1
    assert capsys.readouterr().out.startswith(
        "~ [Extensions.default] is now [Extensions.main]: proxy ucp-interlock-proxy\n\n"
    )


@pytest.mark.parametrize(
    ("name", "others", "expected"),
    [
        (NAME + "1", (), NAME + "2"),
        (NAME + "1", (NAME + "7", "other-9"), NAME + "8"),
        ("com.docker.ucp.interlock.service-clusters.conf", (), "com.docker.ucp.interlock.service-clusters.conf-1"),
    ],
)
def test_the_next_name_is_free(name: str, others: tuple[str, ...], expected: str) -> None:
    assert next_name(name, from_json({"configs": [{"name": other} for other in (name, *others)]})) == expected


def test_an_age_is_in_its_largest_unit() -> None:
    second = 1_556_791_200  # 2019-05-02T10:00:00Z
    assert age("2019-05-02T10:00:00.1Z", second + 59) == "59 seconds"
    assert age("2019-05-02T10:00:00.1Z", second + 3600) == "1 hour"
    assert age("2019-05-02T10:00:00.1Z", second + 86400 * 3 + 7) == "3 days"
    assert age("", second) == ""


def test_a_manager_that_dies_midway_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    from managers import dies

    with managers(healthy([core()], configs=[config()]) | {"/configs": dies}) as (host, _):
        assert main(["interlock", "show", "-H", host]) == 2
    assert "Traceback" not in capsys.readouterr().err
    with managers(healthy([core()]) | {"/configs": encoded([{"ID": "x"}])}) as (host, _):
        assert main(["interlock", "show", "-H", host]) == 2
    assert "an object has no Spec" in capsys.readouterr().err


def rules_of(text: str) -> list[str]:
    """The rules that find an error or a warning in a config."""
    result = check_stacks([[read_toml(text.encode(), "config.toml")]])
    return [finding.rule for finding in result.findings if finding.severity > Severity.INFO]


def test_new_makes_three_clusters_in_host_mode(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(healthy([core()], configs=[config()])) as (host, _):
        assert main(["interlock", "new", "-H", host, "--clusters", "dev,test,prod", "--host-mode"]) == 0
    out, err = capsys.readouterr()
    assert rules_of(out) == []
    made = tomllib.loads(out)
    assert {key: value for key, value in made.items() if key != "Extensions"} == {
        "ListenAddr": ":8080", "DockerURL": "unix:///var/run/docker.sock", "PollInterval": "3s",
    }  # fmt: skip
    old = tomllib.loads(DEFAULT)["Extensions"]["default"]
    assert list(made["Extensions"]) == ["dev", "test", "prod"]
    for name, extension in made["Extensions"].items():
        assert extension == {
            **old,
            "ServiceCluster": name,
            "ServiceName": f"ucp-interlock-extension-{name}",
            "ProxyServiceName": f"ucp-interlock-proxy-{name}",
            "ConfigServiceName": f"ucp-interlock-config-{name}",
            "PublishMode": "host",
            "ProxyConstraints": [
                "node.platform.os==linux",
                f"node.labels.com.docker.interlock.service.cluster=={name}",
            ],
        }
    assert out.count("# nginx\n") == 3
    assert "  # the one that UCP makes\n  [Extensions.dev]\n" in out
    assert '    ServiceCluster = "dev" # for services with the label com.docker.lb.service_cluster: dev\n' in out
    assert err.splitlines()[1:] == [
        f"docker node update --label-add com.docker.interlock.service.cluster={name} NODE  # {name}: at least 2 nodes, "
        "one for each proxy"
        for name in ("dev", "test", "prod")
    ]


def test_new_keeps_the_default_cluster_and_gives_others_ports(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(healthy([core()], configs=[config()])) as (host, _):
        words = ["interlock", "new", "-H", host, "--clusters", "dev,default,qa", "--port", "qa=8000:9443"]
        assert main(words) == 0
    out = capsys.readouterr().out
    assert rules_of(out) == []
    made = tomllib.loads(out)["Extensions"]
    ports = {name: (one["PublishedPort"], one["PublishedSSLPort"]) for name, one in made.items()}
    assert ports == {"dev": (81, 8444), "default": (80, 8443), "qa": (8000, 9443)}
    assert "ServiceCluster" not in made["default"]
    assert "in ingress mode each proxy needs ports that no other has" in out


def test_new_keeps_the_pins_of_a_cluster_and_gives_others_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label = "node.labels.com.docker.interlock.service.cluster"
    dev = (
        DEFAULT.replace("Extensions.default", "Extensions.dev")
        .replace("    PublishMode", f'    ServiceCluster = "dev"\n    Constraints = ["{label}==dev"]\n    PublishMode')
        .replace('["node.platform.os==linux"]', f'["node.platform.os==linux", "{label}==dev"]')
    )
    east = dev.partition("[Extensions]\n")[2].replace("dev", "east").replace(label, "node.labels.region")
    file = tmp_path / "old.toml"
    file.write_text(dev + east.replace("ucp-interlock-proxy", "proxy-east").replace("-extension", "-extension-east"))
    assert main(["interlock", "new", "--from", str(file), "--clusters", "dev,east,prod"]) == 0
    out, err = capsys.readouterr()
    made = tomllib.loads(out)["Extensions"]
    pins = {name: (one["Constraints"], one["ProxyConstraints"][1:]) for name, one in made.items()}
    assert pins == {
        "dev": ([f"{label}==dev"], [f"{label}==dev"]),
        "east": (["node.labels.region==east"], ["node.labels.region==east"]),
        "prod": ([f"{label}==prod"], [f"{label}==prod"]),
    }
    assert "--label-add region=east NODE  # east" in err


def test_new_keeps_proxies_of_one_port_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "old.toml"
    file.write_text(
        DEFAULT.replace('"ingress"\n', '"host"\n').replace('==linux"]', '==linux", "node.labels.nodetype==lb"]')
    )
    assert main(["interlock", "new", "--from", str(file), "--clusters", "default,dev"]) == 0
    out, err = capsys.readouterr()
    assert rules_of(out) == []
    label = "com.docker.interlock.service.cluster"
    assert f"docker node update --label-add nodetype=lb --label-add {label}=default NODE  # default" in err
    assert f"docker node update --label-add nodetype=lb --label-add {label}=dev NODE  # dev" in err


def test_new_keeps_comments_within_a_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "old.toml"
    before = '["node.platform.os==linux"]'
    file.write_text(DEFAULT.replace(before, '[\n      "node.platform.os==linux", # no Windows\n    ] # where'))
    assert main(["interlock", "new", "--from", str(file), "--host-mode"]) == 0
    out = capsys.readouterr().out
    assert '      "node.platform.os==linux", # no Windows\n' in out
    assert " NODE, for 2 nodes; where\n" in out
    constraints = tomllib.loads(out)["Extensions"]["default"]["ProxyConstraints"]
    assert constraints == ["node.platform.os==linux", "node.labels.nodetype==loadbalancer"]


def test_new_does_not_lose_a_misspelt_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "old.toml"
    for text, name in (
        (DEFAULT.replace("[Extensions.default.Config]", "[Extension.default.Config]"), "Extension"),
        (DEFAULT.replace("[Extensions.default.Config]", "[Extensions.dev.Config]"), "dev"),
    ):
        file.write_text(text)
        assert main(["interlock", "new", "--from", str(file), "--clusters", "default,dev"]) == 2
        out, err = capsys.readouterr()
        assert (out, f"{name} is not what it should be, and would be lost" in err) == ("", True), err


def test_new_host_mode_alone_changes_the_extensions_in_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "old.toml"
    file.write_text(DEFAULT.replace("    ProxyReplicas = 2\n", "").replace('= "ingress"\n', '= "ingress"  # as ever\n'))
    assert main(["interlock", "new", "--from", str(file), "--host-mode", "--port", "8080:8444"]) == 0
    out, err = capsys.readouterr()
    assert rules_of(out) == []
    assert '    PublishMode = "host" # on the nodes of the proxies; clients keep their addresses; as ever\n' in out
    assert "    PublishedPort = 8080 # as asked for\n    TargetPort = 80\n    PublishedSSLPort = 8444 # as asked" in out
    assert "    ProxyReplicas = 2 # the core crashes without it\n" in out
    assert err == (
        "docker node update --label-add nodetype=loadbalancer NODE  # default: at least 2 nodes, one for each proxy\n"
    )
    assert main(["interlock", "new", "--from", str(file), "--host-mode", "-o", str(tmp_path / "new.toml")]) == 0
    again = (tmp_path / "new.toml").read_text()
    assert capsys.readouterr().out.startswith("docker node update --label-add nodetype=loadbalancer NODE")
    (tmp_path / "new.toml").write_text(again)
    assert main(["interlock", "new", "--from", str(tmp_path / "new.toml"), "--host-mode"]) == 0
    assert capsys.readouterr().out == again


@pytest.mark.parametrize("version", ["3.0.8", "3.2.3", "3.8.16"])
@pytest.mark.parametrize(
    "words", [[], ["--host-mode"], ["--clusters", "default,b"], ["--clusters", "a", "--replicas", "3"]]
)
def test_new_from_the_default_passes_the_check(
    words: list[str], version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["interlock", "new", "--default", "--interlock-version", version, *words]) == 0
    out = capsys.readouterr().out
    assert rules_of(out) == []
    assert f":{version}" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--clusters", "a,,b"], "'' is not a valid name"),
        (["--clusters", "a b"], "'a b' is not a valid name"),
        (["--clusters", "a" * 64], "is not a valid name"),
        (["--clusters", "a,a"], "a is named twice"),
        (["--port", "99999"], "write it as dev=8080"),
        (["--port", "b=80"], "a port is given for b, which is not one of the service clusters"),
        (["--clusters", "a,b", "--port", "80"], "--port needs a service cluster: one of a, b"),
        (["--clusters", "a,b", "--port", "a=80", "--port", "a=81"], "given twice"),
        (["--replicas", "0"], "write a number from 1 to 9999"),
        (["--replicas", "two"], "write a number from 1 to 9999"),
        (["--from", "x", "--default"], "exclude each other"),
        (["--interlock-version", "3.2.3"], "--interlock-version needs --default"),
    ],
)
def test_new_names_what_makes_no_sense(
    words: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.toml"
    file.write_text(DEFAULT)
    assert main(["interlock", "new", *([] if "--from" in words else ["--from", str(file)]), *words]) == 2
    out, err = capsys.readouterr()
    assert (out, message in err) == ("", True), err


@pytest.mark.parametrize(
    "text",
    [
        "Extensions.default.ProxyReplicas = 2\nExtensions.default.Image = 'a'\n",
        "Extensions = {default = {ProxyReplicas = 2, Image = 'a'}}\n",
        "[Extensions.default]\nProxyReplicas = 2\n[Other]\nx = 1\n[Extensions.other]\nServiceCluster = 'o'\n",
        "[Extensions.default.Config]\nUser = 'n'\n[Extensions.default]\nProxyReplicas = 2\n",
        "[extensions.'a.b']\nproxyreplicas = 2 # two\n",
        "[Extensions]\n",
        "[Extensions.x]\nServiceCluster='dev'\n[Extensions.dev]\nServiceCluster='x'\n",
    ],
)
def test_new_keeps_what_it_is_given_or_says_that_it_cannot(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "old.toml"
    file.write_text(text)
    for words in (["--clusters", "dev,prod"], ["--host-mode"]):
        code = main(["interlock", "new", "--from", str(file), *words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert "bug" not in err
        if code:
            assert (code, out) == (2, "")
            assert str(file) in err
        else:
            made = tomllib.loads(out)
            (top,) = (key for key in made if key.lower() == "extensions")
            assert len(made[top]) == (2 if "--clusters" in words else len(tomllib.loads(text)[top]))
