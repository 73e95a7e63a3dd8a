"""Files of other tools are no stacks, whatever they are called, and files that a search leaves out stay out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from stacks import BAD, GOOD

import lblint
from lblint.cli import files, main
from lblint.cli.other_tools import other_tool

Capture = pytest.CaptureFixture[str]
OTHERS = {
    "plays": "---\n# all hosts\n- name: Install Swarm\n  hosts: all\n  tasks:\n    - apt: {name: docker.io}\n",
    "plays with roles": "- hosts: web\n  roles: [docker]\n",
    "playbooks": "- import_playbook: other.yml\n",
    "tasks": "- name: deploy\n  community.docker.docker_stack:\n    name: shop\n    compose: [stack.yml]\n",
    "inventory": "all:\n  # each\n  hosts:\n    a.example.org:\n",
    "kubernetes": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  services: []\n",
    "kubernetes, second document": "# first\n---\n'apiVersion': v1\n\"kind\": List\nitems: []\n",
    "helm": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "cloudformation": "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n",
    "cloudformation without version": "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n",
    "openfaas": "version: 1.0\nprovider:\n  name: openfaas\nfunctions:\n  f: {lang: go}\n",
    "serverless": "service: shop\nprovider:\n  name: aws\nfunctions: {}\n",
    "github": "name: ci\non: [push]\njobs:\n  a:\n    services: {db: {image: postgres}}\n",
    "github action": "name: a\nruns: {using: composite}\n",
    "openapi": "openapi: 3.1.0\ninfo: {title: a}\npaths: {}\n",
    "swagger": "swagger: '2.0'\ninfo: {title: a}\n",
    "mkdocs": "site_name: shop\nnav: []\n",
    "haskell": "resolver: lts-22.0\npackages:\n- .\n",
    "gitlab": "stages: [test]\nservices:\n  - postgres:16\nimage: node:20\ntest: {script: [a]}\n",
    "azure": "trigger: [main]\npool: {vmImage: ubuntu-latest}\nsteps: []\n",
    "bitbucket": "image: node:20\npipelines: {default: []}\n",
    "symfony": "services:\n    # all\n    _defaults:\n        autowire: true\n    App\\Image: {image: 1}\n",
    "render": "services:\n  - type: web\n    image: {url: a}\n",
    "heat": "heat_template_version: 2021-04-16\nresources: {}\n",
    "prometheus": "global: {}\nscrape_configs: []\n",
    "cloud-init": "#cloud-config\npackages: [docker]\n",
    "mark": "\ufeffapiVersion: v1\nkind: Pod\n",
    "windows": "apiVersion: v1\r\nkind: Pod\r\n",
}
STACKS = {
    "good": GOOD,
    "misspelt": GOOD.replace("services:", "servces:"),
    "capital": GOOD.replace("services:", "Services:"),
    "top level key of a service": GOOD + "runtime: nvidia\nname: shop\n",
    "steps without services": "netwroks:\n  front:\nversion: '3'\ntasks: {}\n",
    "a list of services": "- web:\n    image: web:1\n",
    "empty": "",
    "no yaml": "services: [\n",
    "scalar": "hello\n",
    "version alone": "version: '3.8'\n",
    "kind in a label": GOOD.replace("labels:", "labels:\n        kind: a\n        apiVersion: b"),
    "extension": GOOD + "x-kind: a\nx-apiVersion: b\n",
    "quoted": GOOD.replace("services:", '"services":'),
    "compose": "name: shop\nservices:\n  web:\n    build: .\n    hosts: [a]\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_a_file_of_another_tool_is_no_stack(folder: Path, text: str) -> None:
    assert other_tool(text.encode()).startswith(("a ", "an ", "functions ", "tasks ", "services "))
    (folder / "stack.yml").write_text(text)
    assert not files.is_stack("stack.yml")


@pytest.mark.parametrize("text", STACKS.values(), ids=STACKS)
def test_a_stack_with_a_mistake_is_a_stack(folder: Path, text: str) -> None:
    assert other_tool(text.encode()) == ""
    (folder / "stack.yml").write_text(text)
    assert files.is_stack("stack.yml")


def test_the_search_says_what_it_skips(folder: Path, capsys: Capture) -> None:
    (folder / "shop-stack.yml").write_text(GOOD)
    (folder / "swarm.yml").write_text(OTHERS["plays"])
    (folder / "stack.yml").write_text(OTHERS["openfaas"])
    (folder / "deployment.yml").write_text(OTHERS["kubernetes"])
    assert main(["check", ".", "-v"]) == 0
    shown = capsys.readouterr()
    assert shown.out.endswith(" in 1 file; 2 files skipped\n")
    assert "lblint: skipped ./swarm.yml: an Ansible playbook\n" in shown.err
    assert "lblint: skipped ./stack.yml: functions for OpenFaaS or Serverless\n" in shown.err
    assert main(["check", "--format", "json", "."]) == 0
    assert [one["file"] for one in json.loads(capsys.readouterr().out)["skipped"]] == ["./stack.yml", "./swarm.yml"]
    assert main(["check", "stack.yml"]) == 1
    capsys.readouterr()
    (folder / ".lblint.yml").write_text("client: '28.2.2'\n")
    assert main(["check"]) == 0
    assert "in 1 file; 2 files skipped" in capsys.readouterr().out
    (folder / "shop-stack.yml").unlink()
    for words in (["."], []):
        assert main(["check", *words]) == 2
        assert "skipped" in capsys.readouterr().err
    with pytest.raises(lblint.UncheckedError, match="no stack file found"):
        lblint.check(".")


def test_hooks_leave_out_what_a_search_leaves_out(folder: Path, capsys: Capture) -> None:
    names = ["old/stack.yml", ".hidden/stack.yml", "node_modules/a/stack.yml", ".stack.yml", "swarm.yml"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(OTHERS["plays"] if name == "swarm.yml" else BAD)
    (folder / ".lblint.yml").write_text("exclude: [old]\nstack-names: {'*': shop}\n")
    assert main(["check", *names]) == 1
    capsys.readouterr()
    for more in ([], ["--fix"], ["--diff"]):
        assert main(["check", "--force-exclude", *more, *names]) == 0
    assert "no findings in 0 files; 5 files skipped\n" in capsys.readouterr().out
    assert main(["check", "--force-exclude", "--fix", *names, "missing.yml"]) == 2
    (folder / "stack.yml").write_text(BAD)
    assert main(["check", "--force-exclude", "--fix", *names, "stack.yml"]) == 0
    assert "in 1 file; 5 files skipped\n" in capsys.readouterr().out
    assert (folder / "stack.yml").read_text() == GOOD
    assert all((folder / name).read_text() in (BAD, OTHERS["plays"]) for name in names)
    assert main(["check", "--force-exclude", "-v", ".lblint.yml"]) == 0
    assert "excluded" not in capsys.readouterr().err


def test_a_hidden_folder_above_is_not_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = folder / ".cache" / "vendor" / "shop"
    (shop / ".git").mkdir(parents=True)
    (shop / "stack.yml").write_text(GOOD)
    monkeypatch.chdir(shop)
    assert main(["check", "--force-exclude", "stack.yml"]) == 0
    assert files.expand(["stack.yml"], True).files == ["stack.yml"]
    monkeypatch.chdir(os.sep)
    assert files.expand([str(shop / "stack.yml")], True).files == [str(shop / "stack.yml")]


def test_a_fix_never_writes_into_an_excluded_file(folder: Path, capsys: Capture) -> None:
    """Not even where it is a part of a stack of several files, of which another one was named."""
    (folder / "old").mkdir()
    (folder / "old" / "base.yml").write_text(BAD)
    (folder / "prod.yml").write_text("version: '3.8'\nservices:\n  web:\n    hostname: a\n")
    (folder / ".lblint.yml").write_text("exclude: [old]\nstacks: [{name: shop, files: [old/base.yml, prod.yml]}]\n")
    for words in (["--force-exclude", "prod.yml"], ["--force-exclude", "prod.yml", "old/base.yml"], ["prod.yml"], []):
        assert main(["check", "--fix", *words]) == 1
        assert "old/base.yml:" in capsys.readouterr().out
        assert (folder / "old" / "base.yml").read_text() == BAD
    assert main(["check", "--fix", "old/base.yml", "prod.yml"]) == 0
    assert (folder / "old" / "base.yml").read_text() == GOOD
