"""`lblint init`: what it writes is read, says what is there, and makes nothing worse."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest
from fixture import FIXTURES, ROOT
from ruamel.yaml import YAML
from stacks import GOOD

import lblint
from lblint.cli import init, main
from lblint.lint import Options, Result
from lblint.settings.scaffold import WIDTH, settings_text

Capture = pytest.CaptureFixture[str]
TOML = '[Extensions.default]\nServiceName = "a"\nProxyServiceName = "b"\nProxyReplicas = 2\nServiceCluster = "prod"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


def write(folder: Path, **files: str) -> None:
    """Write files; `__` in a name is a slash."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yml")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)


def settings(folder: Path) -> dict[str, object]:
    """What the file holds, as another reader reads it; the schema for editors takes it, too."""
    held: dict[str, object] = YAML(typ="safe").load((folder / ".lblint.yml").read_text("utf-8")) or {}
    jsonschema.validate(held, json.loads((ROOT / "schemas" / "lblint.schema.json").read_text("utf-8")))
    return held


def test_what_is_found_stands_in_it(folder: Path, capsys: Capture) -> None:
    blog = GOOD.replace("shop", "blog")
    label = "        com.docker.lb.port"
    write(folder, a__shop=GOOD, b__blog=blog.replace(label, f"        com.docker.lb.service_cluster: prod\n{label}"))
    assert main(["init"]) == 0
    said = capsys.readouterr().out
    assert settings(folder) == {
        "stack-names": {"a/shop.yml": "shop", "b/blog.yml": "blog"},
        "domains": ["*.example.com"],
        "service-clusters": ["prod"],
        "proxy-networks": ["blog_front", "shop_front"],
    }
    assert said == (
        ".lblint.yml is written, with 2 stack files\n  stack-names: 2 found\n  domains: 1 found\n"
        "  service-clusters: 1 found\n  proxy-networks: 2 found\nlblint check now checks all of it\n"
    )
    assert "stack-name-inferred" in {finding.rule for finding in lblint.check("a", config=None)}
    assert "stack-name-inferred" not in {finding.rule for finding in lblint.check("a")}


def test_the_text(folder: Path) -> None:
    """Every key is in it, as a comment where nothing was found, and each with its page."""
    from lblint.settings.key_table import KEYS

    assert main(["init", "."]) == 0
    text = (folder / ".lblint.yml").read_text()
    assert settings(folder) == {}
    assert all(line == "" or line.startswith("# ") for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 110
    for key in KEYS:
        assert f"\n# {key.name}: {key.example}\n" in text
    everything = text.replace("\n# ", "\n")
    held = "\n".join(line for line in everything.splitlines() if line.partition(":")[0] in {key.name for key in KEYS})
    (folder / "all.yml").write_text(held)
    write(folder, stack=GOOD)
    assert main(["check", "--config", "all.yml", "stack.yml"]) == 2, "the examples name files that are not here"


def test_a_page_is_wrapped_at_words() -> None:
    lines = settings_text((), "word " * 60, False).partition("\n\n")[0].splitlines()
    assert [line.count("word") for line in lines] == [19, 19, 19, 3]
    assert max(map(len, lines)) <= WIDTH
    assert settings_text((), "w" * 150, False).startswith("# " + "w" * 150 + "\n"), "a word stays whole"


def test_what_is_not_sure_is_a_comment(folder: Path, capsys: Capture) -> None:
    plain = "services:\n  web:\n    image: a\n"
    write(folder, mail__stack=plain, news_stack=plain, base=GOOD, prod="services:\n  web:\n    deploy: {replicas: 3}\n")
    (folder / "prod.yml").rename(folder / "stack.prod.yml")
    assert main(["init"]) == 0
    text = (folder / ".lblint.yml").read_text()
    assert settings(folder)["stack-names"] == {"base.yml": "shop"}
    assert "#   mail/stack.yml: mail\n" in text
    assert "#   news_stack.yml: news\n" in text
    assert "# stacks:\n#   - name: shop\n#     files: [base.yml, stack.prod.yml]\n" in text
    assert "stack-names: 1 found, 2 as a comment: look at it" in capsys.readouterr().out


def test_what_a_variable_decides_is_not_in_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable, it would be half a name."""
    label = "        com.docker.lb.port"
    text = GOOD.replace("shop.example.com", "shop$X.example.com").replace("shop_front", "shop_front$X")
    text = text.replace(label, f"        com.docker.lb.service_cluster: prod$X\n{label}")
    write(folder, a=text, b=GOOD.replace("shop", "blog"))
    monkeypatch.delenv("X", raising=False)
    assert main(["init"]) == 0
    held = settings(folder)
    assert (held["domains"], held["proxy-networks"]) == (["blog.example.com"], ["blog_front"])
    assert "service-clusters" not in held


def test_a_network_that_no_proxy_joins_is_not_in_it(folder: Path) -> None:
    """A service in host mode is reached by the addresses of the nodes."""
    ports = "    ports: [{target: 8080, published: 8080, mode: host}]\n    networks"
    direct = GOOD.replace("    networks", ports, 1).replace("        com.docker.lb.network: shop_front\n", "")
    direct = direct.replace("driver: overlay", "external: true\n    name: direct_front")
    write(folder, shop=direct, blog=GOOD.replace("shop", "blog"))
    assert main(["init"]) == 0
    assert settings(folder)["proxy-networks"] == ["blog_front"]


def test_many_hosts_below_a_domain(folder: Path) -> None:
    hosts = ",".join([*(f"a{i}.apps.example.com" for i in range(6)), "a.example.com", "b.example.com", "Shop.org"])
    write(folder, stack=GOOD.replace("shop.example.com", hosts))
    assert main(["init"]) == 0
    assert settings(folder)["domains"] == ["shop.org", "*.example.com"]


def test_the_config_of_interlock(folder: Path) -> None:
    label = "        com.docker.lb.service_cluster: prod\n        com.docker.lb.port"
    write(folder, stack=GOOD.replace("        com.docker.lb.port", label))
    (folder / "interlock").mkdir()
    (folder / "interlock" / "config.toml").write_text(TOML)
    (folder / "pyproject.toml").write_text("[project]\n")
    assert main(["init"]) == 0
    held = settings(folder)
    assert held["interlock"] == {"config": "interlock/config.toml"}
    assert "service-clusters" not in held


def test_what_would_be_found_by_it_is_a_comment(folder: Path, capsys: Capture) -> None:
    """The service is in no cluster, and in the config all proxies have one: with it, that is an error."""
    write(folder, stack=GOOD)
    (folder / "config.toml").write_text(TOML)
    before = said(folder)
    assert main(["init"]) == 0
    assert "interlock: 1 as a comment" in capsys.readouterr().out
    assert "\n# interlock:\n#   config: config.toml\n" in (folder / ".lblint.yml").read_text()
    assert sorted(settings(folder)) == ["domains", "proxy-networks", "stack-names"]
    assert not said(folder) - before


def test_what_is_well_alone_and_not_together_is_a_comment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule is known to do so; the last section gives way."""
    write(folder, stack=GOOD.replace("shop.example.com", "http://shop.example.com,shop.example.com"))
    (finding, *_) = lblint.check("stack.yml")
    real = init._check

    def check(found: init.Found, options: Options, *stacks: Sequence[Sequence[str]]) -> Result:
        result = real(found, options, *stacks)
        both = (
            options.surroundings.site is not None
            and options.surroundings.site.domains
            and options.surroundings.site.networks
        )
        return result._replace(findings=(*result.findings, finding._replace(rule="both"))) if both else result

    monkeypatch.setattr(init, "_check", check)
    assert main(["init"]) == 0
    assert sorted(settings(folder)) == ["domains", "stack-names"]


def said(folder: Path) -> Counter[tuple[object, ...]]:
    return Counter((one.file, one.rule, one.position) for one in lblint.check(str(folder)))


@pytest.mark.parametrize("part", ["Source", "Stack", "Ingress", "Trial"])
def test_no_fixture_gets_worse(folder: Path, part: str) -> None:
    """All fixtures of a kind of rules at once, as one repository: most of what can be wrong is wrong there."""
    from lblint import rules

    chosen = [name for name, rule in rules.load().items() if rule.on.__name__ == part]
    assert chosen
    for name in chosen:
        for path in (FIXTURES / "rules" / name).iterdir():
            if path.suffix in (".yml", ".toml") and not path.name.endswith(".lblint.yml"):
                (folder / name).mkdir(exist_ok=True)
                shutil.copy(path, folder / name / path.name)
    before = counted()
    assert main(["init"]) == 0
    settings(folder)
    assert not counted() - before


def counted() -> Counter[tuple[object, ...]]:
    """What a check of all finds; a file that cannot be checked counts as nothing."""
    from lblint.cli.inputs import check_runs, read_runs
    from lblint.lint import Options

    result = check_runs(read_runs(["."], [], Options()))
    return Counter((one.file, one.rule, one.position, one.severity) for one in result.findings)


def test_it_never_overwrites(folder: Path, capsys: Capture) -> None:
    write(folder, stack=GOOD)
    (folder / ".lblint.yml").write_text("# mine\n")
    assert main(["init"]) == 2
    assert "already exists; --force overwrites it" in capsys.readouterr().err
    assert (folder / ".lblint.yml").read_text() == "# mine\n"
    assert main(["init", "--force"]) == 0
    assert (folder / ".lblint.yml").read_text() != "# mine\n"
    (folder / ".lblint.yml").rename(folder / ".lblint.yaml")
    assert main(["init", "--force"]) == 2
    assert not (folder / ".lblint.yml").exists()
    (folder / ".lblint.yaml").unlink()
    (folder / ".lblint.yml").symlink_to("nowhere")
    assert main(["init"]) == 2


def test_nothing_is_left_where_it_cannot_be_written(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(init, "save", full)
    assert main(["init"]) == 2
    assert "cannot write .lblint.yml: No space left on device" in capsys.readouterr().err
    assert os.listdir(folder) == [".git"]


def test_the_schema_for_editors(folder: Path) -> None:
    (folder / "below").mkdir()
    assert main(["init", "--schema", "below"]) == 0
    assert (folder / "below" / ".lblint.yml").read_text().startswith(
        "# yaml-language-server: $schema=.lblint.schema.json\n")  # fmt: skip
    beside = (folder / "below" / ".lblint.schema.json").read_text("utf-8")
    assert beside == (ROOT / "schemas" / "lblint.schema.json").read_text("utf-8")


def test_odd_names_of_files(folder: Path) -> None:
    for name in ("a b.yml", "[x].yml", "é.yml", "x\n.yml", "off.yml", "1.yml", "#.yml", "'.yml", "a: b.yml"):
        (folder / name).write_text(GOOD)
    (folder / os.fsdecode(b"\xff.yml")).write_text(GOOD)
    assert main(["init"]) == 0
    held = settings(folder)["stack-names"]
    assert isinstance(held, dict)
    assert sorted(held) == sorted(["a b.yml", "é.yml", "off.yml", "1.yml", "#.yml", "'.yml", "a: b.yml"])


def test_it_looks_neither_into_hidden_folders_nor_for_ever(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, hidden__stack=GOOD, shown__stack=GOOD)
    (folder / "hidden").rename(folder / ".hidden")
    (folder / "shown" / "up").symlink_to(folder)
    assert main(["init"]) == 0
    assert settings(folder)["stack-names"] == {"shown/stack.yml": "shop"}
    for number in range(30):
        (folder / f"{number}.txt").touch()
    monkeypatch.setattr(init, "MOST_FILES", 20)
    capsys.readouterr()
    assert main(["init", "--force"]) == 0
    assert "only the first 20 files and 2000 stack files were looked at" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("hosts", "domains"),
    [
        (["a.shop.example.com", "b.shop.example.com"], ["*.shop.example.com"]),
        (["a.shop.example.com"], ["a.shop.example.com"]),
        (["a.example.com", "b.example.org"], ["a.example.com", "b.example.org"]),
        (["shop.co.uk", "blog.co.uk"], ["blog.co.uk", "shop.co.uk"]),
        (["a.shop.co.uk", "b.shop.co.uk"], ["*.shop.co.uk"]),
        (["shop.com", "blog.com"], ["blog.com", "shop.com"]),
        (["a.github.io", "b.github.io"], ["a.github.io", "b.github.io"]),
        (["a.kawasaki.jp", "b.kawasaki.jp"], ["a.kawasaki.jp", "b.kawasaki.jp"]),
        (["x.a.kawasaki.jp", "y.a.kawasaki.jp"], ["x.a.kawasaki.jp", "y.a.kawasaki.jp"]),
        (["x.city.kawasaki.jp", "y.city.kawasaki.jp"], ["*.city.kawasaki.jp"]),
        (["A.Example.com", "b.example.com", "c.d.example.com"], ["*.example.com"]),
        (["*.shop.example.com", "a.shop.example.com", "example.com"], ["example.com", "*.shop.example.com"]),
    ],
)
def test_domains(hosts: list[str], domains: list[str]) -> None:
    from lblint.settings.scaffold import _domains

    assert _domains([host.lower() for host in hosts]) == domains


BASE = """\
version: "3.8"
services:
  web:
    image: web:1
  db:
    image: db:1
"""
OVERRIDE = 'version: "3.8"\nservices:\n  web:\n    hostname: a\n'


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"compose": BASE, "compose.prod": OVERRIDE}, [("compose.yml", "compose.prod.yml")]),
        ({"stack": BASE, "stack-prod": OVERRIDE}, [("stack.yml", "stack-prod.yml")]),
        ({"base-stack": BASE, "prod.swarm": OVERRIDE}, [("base-stack.yml", "prod.swarm.yml")]),
        (
            {"stack": BASE, "stack.prod": OVERRIDE, "stack.test": OVERRIDE},
            [("stack.yml", "stack.prod.yml"), ("stack.yml", "stack.test.yml")],
        ),
        ({"stack": BASE, "stack.prod": OVERRIDE.replace("web", "other")}, []),
        ({"stack": BASE, "other.stack": BASE}, []),
        ({"a.stack": BASE, "b.stack": BASE, "prod.stack": OVERRIDE}, []),  # which of both is not known
    ],
)
def test_a_base_and_its_override(folder: Path, files: dict[str, str], wanted: list[tuple[str, str]]) -> None:
    write(folder, **{f"shop__{name}": text for name, text in files.items()})
    assert main(["init"]) == 0
    found = settings(folder).get("stacks", [])
    assert isinstance(found, list)
    assert [tuple(one["files"]) for one in found] == [tuple(f"shop/{name}" for name in pair) for pair in wanted]
    if wanted:
        assert main(["check"]) == 0


def test_files_for_docker_compose_are_excluded(folder: Path, capsys: Capture) -> None:
    compose = "name: shop\nservices:\n  web:\n    build: .\n    develop: {watch: []}\n  db: {image: db}\n"
    write(folder, stack=GOOD, compose__dev=compose, **{"docker-compose.override": compose})
    (folder / "play.stack.yml").write_text("- hosts: all\n  tasks: []\n")
    assert main(["init"]) == 0
    assert "; 1 file of other tools skipped" in capsys.readouterr().out
    held = settings(folder)
    assert held["exclude"] == ["compose/dev.yml", "docker-compose.override.yml"]
    assert "compose/dev.yml" not in str(held.get("stack-names"))
    assert main(["check"]) == 0
