"""`.lblint.yml` on the command line: where it is found, whose is obeyed, what comes before it, and what it is for."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from stacks import GOOD

import lblint
from lblint.cli import files, main

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
OUTSIDE = GOOD.replace("shop.example.com", "shop.exmaple.com")
DOMAINS = "domains: [shop.example.com]\n"


class Repository:
    """A folder that is a repository, to be in."""

    def __init__(self, folder: Path, capsys: Capture) -> None:
        self.folder = folder
        self.capsys = capsys

    def put(self, **files: str) -> None:
        """Write files; `__` in a name is a slash, `_` a dot."""
        for name, text in files.items():
            self.write(name.replace("__", "/").replace("_", "."), text)

    def write(self, path: str, text: str) -> None:
        """Write one file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def check(self, *words: str) -> dict[str, list[str]]:
        """The rules of the findings of a check, by file."""
        code, out, err = self.run("check", "--format", "json", *words)
        assert code in (0, 1), err
        found: dict[str, list[str]] = {}
        for finding in json.loads(out)["findings"]:
            found.setdefault(finding["file"], []).append(finding["rule"])
        return found

    def run(self, *words: str) -> tuple[int, str, str]:
        """The exit code and what is written."""
        self.capsys.readouterr()
        code = main(words)
        return (code, *self.capsys.readouterr())


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: Patch, capsys: Capture) -> Repository:
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("SUDO_UID", raising=False)
    return Repository(folder, capsys)


OWN = "ingress-network-owned-by-stack"


@pytest.mark.parametrize("place", [".lblint.yml", "a/.lblint.yml", "a/b/.lblint.yml", "a/b/.lblint.yaml"])
def test_it_is_found_upward(repository: Repository, place: str) -> None:
    repository.write("a/b/stack.yml", OUTSIDE)
    assert "host-not-allowed" not in repository.check("a/b/stack.yml")["a/b/stack.yml"]
    repository.write(place, DOMAINS)
    for word in ("a/b/stack.yml", "./a/../a/b/stack.yml", str(repository.folder / "a/b/stack.yml"), "a"):
        assert "host-not-allowed" in next(iter(repository.check(word).values()))


def test_the_nearest_one_counts_alone(repository: Repository) -> None:
    repository.write("a/stack.yml", OUTSIDE)
    repository.write(".lblint.yml", DOMAINS)
    repository.write("a/.lblint.yml", "fail-on: info\n")
    assert "host-not-allowed" not in repository.check("a/stack.yml")["a/stack.yml"]
    assert repository.run("check", "a/stack.yml")[0] == 1


def test_the_search_ends_at_the_top_of_a_repository(repository: Repository) -> None:
    (repository.folder.parent / ".lblint.yml").write_text(DOMAINS)
    repository.write("stack.yml", OUTSIDE)
    assert "host-not-allowed" not in repository.check("stack.yml")["stack.yml"]
    repository.write("module/.git", "gitdir: ../.git/modules/module\n")
    repository.write(".lblint.yml", DOMAINS)
    repository.write("module/stack.yml", OUTSIDE)
    found = repository.check("stack.yml", "module/stack.yml")
    assert "host-not-allowed" in found["stack.yml"]
    assert "host-not-allowed" not in found["module/stack.yml"], "a module is a repository of its own"


def test_stdin_lies_in_the_working_folder(repository: Repository, monkeypatch: Patch) -> None:
    repository.put(_lblint_yml=DOMAINS)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(OUTSIDE.encode())))
    assert "host-not-allowed" in repository.check("-")["-"]


def test_who_checks_the_settings_checks_all_that_they_are_about(repository: Repository, monkeypatch: Patch) -> None:
    """So does a hook, when they have changed."""
    repository.put(a__stack_yml=OUTSIDE, b__stack_yml=GOOD.replace("shop_", "blog_"), _lblint_yml=DOMAINS)
    assert sorted(repository.check(".lblint.yml")) == ["a/stack.yml", "b/stack.yml"]
    assert sorted(repository.check(".lblint.yml", "a/stack.yml")) == ["a/stack.yml", "b/stack.yml"]
    monkeypatch.chdir(repository.folder / "a")
    assert sorted(repository.check("../.lblint.yml")) == ["../b/stack.yml", "stack.yml"]
    repository.put(_lblint_yml="domain: x\n")
    assert repository.run("check", "../.lblint.yml")[0] == 2


def test_config_and_no_config(repository: Repository) -> None:
    repository.put(stack_yml=OUTSIDE, _lblint_yml="nonsense: 1\n", other__site_yml=DOMAINS)
    assert repository.run("check", "stack.yml")[0] == 2
    assert "host-not-allowed" in repository.check("--config", "other/site.yml", "stack.yml")["stack.yml"]
    assert "host-not-allowed" in repository.check("--config=other/site.yml", "stack.yml")["stack.yml"]
    assert "host-not-allowed" not in repository.check("--no-config", "stack.yml")["stack.yml"]
    assert repository.run("check", "--config", "other", "stack.yml") == (
        2, "", "lblint: other: is a folder, not a settings file\n")  # fmt: skip
    assert repository.run("check", "--config", "none.yml", "stack.yml") == (
        2, "", "lblint: none.yml: No such file or directory\n")  # fmt: skip
    code, _, err = repository.run("check", "--config", "other/site.yml", "--no-config", "stack.yml")
    assert code == 2
    assert "--config and --no-config exclude each other" in err
    assert "host-not-allowed" in {finding.rule for finding in lblint.check("stack.yml", config="other/site.yml")}
    assert "host-not-allowed" not in {finding.rule for finding in lblint.check("stack.yml", config=None)}
    with pytest.raises(lblint.UncheckedError, match=r"\.lblint\.yml:1:1: unknown key 'nonsense'"):
        lblint.check("stack.yml")


@pytest.mark.parametrize("words", [["check", "stack.yml"], ["check", "--live", "stack.yml"], ["config", "stack.yml"],
                                   ["routes", "stack.yml"], ["render", "stack.yml"], ["check", "."], ["check"],
                                   ["check", "--fix", "stack.yml"], ["routes", "--format", "svg", "stack.yml"]],
                         ids=" ".join)  # fmt: skip
def test_mistakes_end_every_command(repository: Repository, words: Sequence[str]) -> None:
    repository.put(stack_yml=GOOD, _lblint_yml="domains: [a.b]\ndomain: [a.b]\nfail-on: x\n")
    code, out, err = repository.run(*words)
    assert (code, out) == (2, "")
    assert err == (
        "lblint: .lblint.yml:2:1: unknown key 'domain' (did you mean domains?)\n"
        "lblint: .lblint.yml:3:10: fail-on: 'x': it is none of error, warning, info\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("interlock: {config: none.toml}", "interlock: config: none.toml: No such file or directory"),
        ("env-file: none.env", "env-file: none.env: No such file or directory"),
        ("env-file: bad.env", "env-file: invalid env file (bad.env): variable '…' contains whitespaces"),
        ("env-file: .", "env-file: .: is a folder"),
        ("stacks: [{name: shop, files: [stack.yml, none.yml]}]", "none.yml: No such file or directory"),
    ],
)
def test_a_file_that_it_names_and_that_cannot_be_read(repository: Repository, text: str, said: str) -> None:
    repository.put(stack_yml=GOOD, bad_env="A B=1\n", _lblint_yml=text)
    code, out, err = repository.run("check", "stack.yml")
    assert code == 2
    assert said in (err or out.replace("could not check: ", ""))
    assert err.count("\n") == (not out)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("interlock: {config: ../secret}", "interlock: config: ../secret"),
        ("interlock: {config: deploy/link}", "interlock: config: deploy/link"),
        ("env-file: ../secret", "env-file: ../secret"),
        ("baseline: ../secret", "baseline: ../secret"),
        ("stacks: [{name: a, files: [stack.yml, ../secret]}]", "files: ../secret"),
        ("stacks: [{name: a, files: [stack.yml], env-file: /etc/passwd}]", "env-file: /etc/passwd"),
    ],
)
def test_no_file_outside_of_the_repository_is_read(repository: Repository, text: str, key: str) -> None:
    """Who proposes a change must not see, in the report on it, what only the one who checks it can read."""
    (repository.folder.parent / "secret").write_text("secret: 1\n")
    repository.put(stack_yml=GOOD, deploy___lblint_yml="interlock: {config: ../a.toml}", a_toml="", _lblint_yml=text)
    (repository.folder / "deploy" / "link").symlink_to("../../secret")
    code, out, err = repository.run("check", "stack.yml")
    assert (code, out) == (2, "")
    assert err == (f"lblint: .lblint.yml: {key} is outside of the repository, and is not read; give --config "
                   ".lblint.yml to read it\n")  # fmt: skip
    repository.put(deploy__stack_yml=GOOD)
    assert repository.run("check", "deploy/stack.yml")[0] == 1, "another folder of the repository is none outside"
    (repository.folder / ".lblint.yml").unlink()
    (repository.folder / ".lblint.yml").symlink_to("../secret")
    code, out, err = repository.run("check", "stack.yml")
    assert (code, out) == (2, "")
    assert err == "lblint: .lblint.yml: is a link that leads out of the repository, and is not read; give --config\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("link", [False, True])
def test_those_of_other_users_are_not_obeyed(repository: Repository, link: bool) -> None:
    """As in /tmp, where anybody may lay one down. Here it lies in `shared`, and the stack is the user's own below."""
    repository.write("shared/mine/stack.yml", OUTSIDE)
    repository.write("all.yml", "rules: {invalid-host: off}\n")
    path = repository.folder / "shared" / ".lblint.yml"
    path.symlink_to("../all.yml") if link else path.write_text(DOMAINS)
    os.lchown(path, 12345, 12345)
    code, out, err = repository.run("check", "shared/mine/stack.yml")
    assert (code, out) == (2, "")
    assert "shared/.lblint.yml: belongs to another user (uid 12345), and is not used" in err
    assert repository.check("--no-config", "shared/mine/stack.yml")
    assert repository.check("--config", "shared/.lblint.yml", "shared/mine/stack.yml")
    os.chown(repository.folder / "shared" / "mine", 12345, 12345)
    assert repository.check("shared/mine/stack.yml"), "the owner of the folder may say what is in it"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_by_sudo_obeys_the_user(repository: Repository, monkeypatch: Patch) -> None:
    repository.put(a__stack_yml=OUTSIDE, _lblint_yml=DOMAINS)
    os.chown(repository.folder / ".lblint.yml", 12345, 12345)
    monkeypatch.setenv("SUDO_UID", "12345")
    assert "host-not-allowed" in repository.check("a/stack.yml")["a/stack.yml"]


def test_odd_files_of_that_name_are_a_sentence(repository: Repository) -> None:
    repository.put(stack_yml=GOOD)
    path = repository.folder / ".lblint.yml"
    for make in (path.mkdir, lambda: path.symlink_to(path), lambda: path.symlink_to("nowhere"),
                 lambda: os.mkfifo(path), lambda: path.write_bytes(b"a" * 20_000_000)):  # fmt: skip
        make()
        code, out, err = repository.run("check", "stack.yml")
        if path.is_fifo():
            assert code == 0, "an empty pipe says nothing"
        else:
            assert (code, out) == (2, "")
            assert err.startswith("lblint: .lblint.yml: ")
            assert err.count("\n") == 1
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    repository.put(_lblint_yml=DOMAINS, _lblint_yaml=DOMAINS)
    assert ".lblint.yml: there is also .lblint.yaml" in repository.run("check", "stack.yml")[2]


# What comes first: the option, what stands in the file, and what is so without both.
PRECEDENCE = [
    pytest.param("client: 20.10", ["--client", "28"], {"key-too-new", "missing-version"}, id="client"),
    pytest.param("stack-names: {stack.yml: other}", ["-n", "shop"], {"network-label-wrong-prefix"}, id="name"),
    pytest.param("interlock: {version: 3.0.5}", ["--interlock-version", "3.8"], {"proxy-keeps-restarting"},
                 id="version"),
    pytest.param("interlock: {config: b.toml, version: 3.0.5}", ["--interlock-version", "3.8"],
                 {"proxy-keeps-restarting"}, id="version, beside a config"),
    pytest.param("interlock: {config: a.toml}", ["--interlock-config", "b.toml"], {"service-cluster-missing"},
                 id="config"),
    pytest.param(f"rules: {{{OWN}: off}}", ["--select", OWN], {f"-{OWN}"}, id="rule off, selected"),
    pytest.param("rules: {undeclared-network: error}", ["--ignore", "undeclared-network"], {"undeclared-network"},
                 id="rule on, ignored"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "rules"), PRECEDENCE)
def test_an_option_comes_before_the_file(repository: Repository, text: str, words: list[str], rules: set[str]) -> None:
    stack = GOOD.replace("[front]", "[front, back]") if "undeclared" in text else GOOD
    cluster = 'ServiceName = "a"\nProxyServiceName = "b"\nProxyReplicas = 2\n'
    repository.put(stack_yml=stack, _lblint_yml=text, b_toml=f"[Extensions.default]\n{cluster}",
                   a_toml=f'[Extensions.prod]\nServiceCluster = "prod"\n{cluster}')  # fmt: skip
    by_file = set(repository.check("stack.yml").get("stack.yml", []))
    by_option = set(repository.check(*words, "stack.yml").get("stack.yml", []))
    without = set(repository.check("--no-config", "stack.yml").get("stack.yml", []))
    for rule in rules:
        if rule.startswith("-"):
            assert rule[1:] not in by_file
            assert rule[1:] in by_option & without
        else:
            assert rule in by_file or rule in ("key-too-new", "missing-version")
            assert rule not in by_option
    assert by_file != by_option


def test_fail_on(repository: Repository) -> None:
    repository.put(stack_yml=GOOD, _lblint_yml="fail-on: info\n")
    assert repository.run("check", "stack.yml")[0] == 1
    assert repository.run("check", "--fail-on", "warning", "stack.yml")[0] == 0
    repository.put(a__stack_yml=GOOD.replace("shop", "blog"), a___lblint_yml="fail-on: error\n")
    assert repository.run("check", "a/stack.yml")[0] == 0
    assert repository.run("check", "a/stack.yml", "stack.yml")[0] == 1, "the lowest counts for all"


def severities(repository: Repository, text: str) -> dict[str, str]:
    repository.put(_lblint_yml=text)
    found = json.loads(repository.run("check", "--format", "json", "stack.yml")[1])["findings"]
    return {finding["rule"]: finding["severity"] for finding in found}


def test_severities(repository: Repository) -> None:
    repository.put(stack_yml=GOOD)
    assert severities(repository, f"rules: {{{OWN}: warning}}") == {OWN: "warning", "stack-name-inferred": "info"}
    assert severities(repository, f"rules: {{{OWN}: off}}") == {"stack-name-inferred": "info"}
    assert repository.run("check", "stack.yml")[0] == 0
    assert severities(repository, f"rules: {{{OWN}: error}}")[OWN] == "error"
    assert repository.run("check", "stack.yml")[0] == 1


def test_what_a_rule_is_less_sure_of_is_not_raised(repository: Repository) -> None:
    """Where it is not known how the proxies are published, ip-hash-behind-ingress gives advice; else it warns."""
    label = '        com.docker.lb.port: "8080"\n        com.docker.lb.ip_hash: "true"\n'
    repository.put(stack_yml=GOOD.replace('        com.docker.lb.port: "8080"\n', label))
    rule = "ip-hash-behind-ingress"
    assert severities(repository, "{}").get(rule) == "info"
    assert severities(repository, f"rules: {{{rule}: error}}")[rule] == "info"
    assert severities(repository, f"rules: {{{rule}: error}}\ninterlock: {{publish-mode: ingress}}")[rule] == "error"


@pytest.mark.parametrize(
    ("word", "found"),
    [("all", set()), ("own", {"invalid-host"}), ("none", {"invalid-host", "stack-name-inferred"})],
)
def test_whose_word_counts(repository: Repository, word: str, found: set[str]) -> None:
    repository.put(stack_yml=GOOD.replace("shop.example.com", "http://shop.example.com"),
                   _lblint_yml="rules: {invalid-host: off, stack-name-inferred: off}")  # fmt: skip
    told = set(repository.check("--suppress", word, "stack.yml")["stack.yml"])
    assert told & {"invalid-host", "stack-name-inferred"} == found


def test_a_broken_route_stays_out_of_the_trial_whatever_its_severity(repository: Repository) -> None:
    repository.put(stack_yml=GOOD.replace("shop.example.com", "http://shop.example.com"))
    assert set(severities(repository, "rules: {invalid-host: info}")) == {
        "invalid-host", OWN, "stack-name-inferred"}  # fmt: skip


def test_variables(repository: Repository, monkeypatch: Patch) -> None:
    """The environment, `env`, `env-file`, in this order; those of a single stack before those of all."""
    monkeypatch.setenv("FROM_ENVIRONMENT", "environment")
    image = "a/${FROM_ENVIRONMENT}/${IN_ENV}/${IN_FILE}/${OWN_ENV}/${OWN_FILE}/${NONE-x}"
    names = ("FROM_ENVIRONMENT", "IN_ENV", "IN_FILE", "OWN_ENV", "OWN_FILE")
    repository.put(
        stack_yml=GOOD.replace("example/web:1.4", image),
        all_env="".join(f"{name}=file\n" for name in names),
        own_env="".join(f"{name}=ownfile\n" for name in names[:2] + names[4:]),
        _lblint_yml="env-file: all.env\nenv: {FROM_ENVIRONMENT: env, IN_ENV: env, OWN_ENV: env}\n",
    )
    assert "image: a/environment/env/file/env/file/x\n" in repository.run("config", "stack.yml")[1]
    repository.put(_lblint_yml=(repository.folder / ".lblint.yml").read_text()
                   + "stacks: [{name: shop, files: stack.yml, env-file: own.env, env: {OWN_ENV: own}}]\n")  # fmt: skip
    assert "image: a/environment/ownfile/file/own/ownfile/x\n" in repository.run("config", "stack.yml")[1]
    assert "unset-variable" not in repository.check("stack.yml").get("stack.yml", [])


BASE = "services:\n  web:\n    image: example/web:1.4\n    networks: [front]\nnetworks:\n  front: {driver: overlay}\n"
OVER = """\
services:
  web:
    deploy:
      labels:
        com.docker.lb.hosts: shop.exmaple.com
        com.docker.lb.port: "8080"
        com.docker.lb.network: shop_front
"""
MERGED = "stacks: [{name: shop, files: [base.yml, over.yml]}]\n" + DOMAINS


@pytest.mark.parametrize("words", [["base.yml"], ["over.yml"], ["base.yml", "over.yml"], ["."], [],
                                   ["-c", "base.yml", "-c", "over.yml"], ["-n", "shop", "over.yml"]],
                         ids=" ".join)  # fmt: skip
def test_who_checks_a_part_of_a_stack_checks_the_stack(repository: Repository, words: list[str]) -> None:
    repository.put(base_yml=BASE, over_yml=OVER, _lblint_yml=MERGED)
    found = repository.check(*words)
    assert {Path(file).name: rules for file, rules in found.items()} == {
        "base.yml": [OWN], "over.yml": ["host-not-allowed"]}  # fmt: skip


def test_a_stack_of_the_same_files_under_two_names(repository: Repository) -> None:
    both = "stacks:\n- {name: shop, files: [base.yml, over.yml]}\n- {name: shop-test, files: [base.yml, test.yml]}\n"
    repository.put(base_yml=BASE, over_yml=OVER, test_yml=OVER.replace("shop_front", "shop-test_front").replace(
        "shop.exmaple", "test.example"), _lblint_yml=both)  # fmt: skip
    assert repository.check("base.yml") == {"base.yml": [OWN, OWN]}
    assert repository.run("config", "-n", "shop-test", "base.yml")[1].count("test.example.com") == 1
    assert "one stack" in repository.run("config", "base.yml")[2]


def test_from_another_folder(repository: Repository, monkeypatch: Patch) -> None:
    repository.put(base_yml=BASE, over_yml=OVER, _lblint_yml=MERGED)
    (repository.folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(repository.folder / "a" / "b")
    assert repository.check("../../over.yml") == {"../../over.yml": ["host-not-allowed"], "../../base.yml": [OWN]}
    assert repository.check() == {"../../over.yml": ["host-not-allowed"], "../../base.yml": [OWN]}


def test_what_is_not_there_is_told_of_by_its_name(repository: Repository) -> None:
    repository.put(_lblint_yml=DOMAINS)
    assert repository.run("check", "none/stack.yml")[2] == "lblint: none/stack.yml: No such file or directory\n"


def test_the_working_folder_may_be_gone(repository: Repository, monkeypatch: Patch) -> None:
    repository.put(stack_yml=OUTSIDE, _lblint_yml=DOMAINS)
    (repository.folder / "gone").mkdir()
    monkeypatch.chdir(repository.folder / "gone")
    (repository.folder / "gone").rmdir()
    file = str(repository.folder / "stack.yml")
    assert "host-not-allowed" in repository.check(file)[file]


def test_a_search_does_not_enter_what_is_excluded(repository: Repository, monkeypatch: Patch) -> None:
    repository.put(stack_yml=GOOD, tests__a__stack_yml=OUTSIDE, _lblint_yml="exclude: [tests/]\n")
    (repository.folder / "link.yml").symlink_to("stack.yml")
    looked: list[str] = []
    known = files.tool_of

    def look(path: str) -> str | None:
        looked.append(path)
        return known(path)

    monkeypatch.setattr(files, "tool_of", look)
    assert set(repository.check()) == {"link.yml"}, "a file under two names is one stack"
    assert sorted(looked) == ["link.yml", "stack.yml"]


def test_excludes_are_for_what_a_search_finds(repository: Repository) -> None:
    repository.put(stack_yml=GOOD, tests__stack_yml=OUTSIDE, _lblint_yml=DOMAINS + "exclude: [tests]\n")
    assert set(repository.check(".")) == {"./stack.yml"}
    assert set(repository.check()) == {"stack.yml"}
    assert "host-not-allowed" in repository.check("tests/stack.yml")["tests/stack.yml"]
    assert repository.run("check", "tests") == (
        2, "", "lblint: no stack file found below tests, or .lblint.yml excludes them\n")  # fmt: skip
    assert set(repository.check("--config", ".lblint.yml")) == {"stack.yml"}


def test_the_verdict_of_merged_runs_is_that_of_each(repository: Repository) -> None:
    """What several ingresses have is told as one, in the order of files, each finding once."""
    for name in ("c", "a", "b"):
        repository.write(f"{name}/stack.yml", OUTSIDE)
        repository.write(f"{name}/.lblint.yml", DOMAINS)
    code, out, _ = repository.run("check", "--format", "json", "c/stack.yml", "a/stack.yml", "b/stack.yml")
    told = [(finding["file"], finding["rule"]) for finding in json.loads(out)["findings"]]
    alone = [(name, rule) for name in ("a/stack.yml", "b/stack.yml", "c/stack.yml")
             for rule in repository.check(name)[name]]  # fmt: skip
    assert (code, told) == (1, alone)


def test_different_settings_are_different_ingresses(repository: Repository) -> None:
    """Two stacks with the same host: a mistake behind one ingress, none behind two."""
    for name in ("a", "b"):
        repository.write(f"{name}/stack.yml", GOOD.replace("shop_", f"{name}_").replace("1.4", f"{name}"))
    rules = {rule for found in repository.check("a/stack.yml", "b/stack.yml").values() for rule in found}
    assert "shared-host" in rules
    repository.write("b/.lblint.yml", "client: 28.2\n")
    apart = repository.check("a/stack.yml", "b/stack.yml")
    assert sorted(apart) == ["a/stack.yml", "b/stack.yml"]
    assert "shared-host" not in {rule for found in apart.values() for rule in found}
    code, out, err = repository.run("routes", "a/stack.yml", "b/stack.yml")
    assert (code, out) == (2, "")
    assert "belong to 2 ingresses (under no settings and b/.lblint.yml)" in err


def test_nothing_of_it_is_read_where_there_is_none(repository: Repository) -> None:
    repository.put(stack_yml=GOOD)
    script = ("import sys\nfrom lblint.cli import files, main\nmain(['check', 'stack.yml'])\n"
              "sys.stderr.write(' '.join(sys.modules))")  # fmt: skip
    for text, there in (("", False), (DOMAINS, True)):
        if text:
            repository.put(_lblint_yml=text)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                              env={**os.environ, "PYTHONPATH": str(Path(lblint.__file__).parent.parent)})  # fmt: skip
        names = set(done.stderr.split())
        assert any(name.startswith("lblint.settings") for name in names) is there
        assert "click" not in names


@pytest.mark.parametrize("name", [".lblint.yml", "prod.env", "own.yml", "own.toml"])
def test_no_report_replaces_settings_or_what_they_name(repository: Repository, name: str) -> None:
    toml = "[Extensions.default]\nServiceName = 'x'\nProxyServiceName = 'y'\n"
    settings = "env-file: prod.env\ninterlock: {config: own.toml}\n"
    texts = {".lblint.yml": settings, "own.yml": settings, "prod.env": "A=b\n", "own.toml": toml, "stack.yml": GOOD}
    for path, text in texts.items():
        repository.write(path, text)
    config = ["--config", "own.yml"] if name == "own.yml" else []
    code, _, err = repository.run("check", *config, "-n", "shop", "-o", name, "stack.yml")
    assert (code, err) == (2, f"lblint: cannot write {name}: it was read, and is not overwritten\n")
    assert (repository.folder / name).read_text() == texts[name]


@pytest.mark.parametrize("host", ["~.*", "~^shop", "www.*", "*.com", ".com"])
def test_a_host_that_stands_for_many_is_none_of_the_domains(repository: Repository, host: str) -> None:
    """It would take what nobody else asks for, and with it names that the list is there to keep out."""
    repository.write(".lblint.yml", DOMAINS)
    repository.write("stack.yml", GOOD.replace("shop.example.com", f'"{host}"'))
    assert "host-not-allowed" in repository.check("stack.yml")["stack.yml"]


def test_of_many_domains_some_hosts_are_told_which_was_meant(repository: Repository) -> None:
    """To compare every host with every domain takes as long as both are many."""
    names = [f"d{number}.example.com" for number in range(10_000)]
    repository.write(".lblint.yml", f"domains: [{', '.join(names)}]\n")
    hosts = ",".join(f"d{number}.exampel.com" for number in range(100))
    repository.write("stack.yml", GOOD.replace("shop.example.com", hosts))
    code, out, _ = repository.run("check", "--format", "json", "stack.yml")
    helps = [f["help"] for f in json.loads(out)["findings"] if f["rule"] == "host-not-allowed"]
    assert (code, len(helps), sum("write one of" in said for said in helps)) == (1, 100, 90)


@pytest.mark.parametrize(
    "settings",
    ["env: {TAG: '1.4'}\n", "env-file: all.env\n", "stacks: [{name: shop, files: stack.yml, env: {TAG: '1.4'}}]\n",
     "stacks: [{name: shop, files: stack.yml, env-file: all.env}]\n"],
    ids=["of all", "file of all", "of the stack", "file of the stack"],
)  # fmt: skip
def test_variables_of_the_settings_do_not_count_in_a_deploy(
    settings: str, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.delenv("TAG", raising=False)
    repository.put(all_env="TAG=1.4\n", _lblint_yml=settings)
    repository.write("stack.yml", "services: {web: {image: 'shop:${TAG}'}}\n")
    assert repository.check("stack.yml") == {}
    code, out, err = repository.run("deploy", "--offline", "--dry-run", "-c", "stack.yml", "shop")
    assert code == 1, err
    assert '"shop:" is not a valid image reference' in out
    assert "(TAG is not set)" in out
