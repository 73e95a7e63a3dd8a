"""The command line: what it takes, what it prints, and above all its exit code. Never a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from stacks import BAD, GOOD
from terminal import on_a_terminal

import lblint
from lblint import rules
from lblint.cli import main
from lblint.report.topic_page import topic_ids

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch

REFUSED = GOOD.replace("image:", "imagee:")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: Patch) -> Path:
    """An empty folder to be in, without the variables that change the output."""
    for name in ("NO_COLOR", "LBLINT_DEBUG", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(lblint.__file__).parent.parent))
    return tmp_path


def script(*words: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """Run lblint as a process of its own."""
    command = [sys.executable, "-m", "lblint", *words]
    return subprocess.run(command, capture_output=True, check=False, timeout=60, **options)


def shell(command: str) -> subprocess.CompletedProcess[bytes]:
    """Run lblint with what only a shell says, such as closed streams."""
    return subprocess.run(["sh", "-c", f"exec {sys.executable} -m {command}"], capture_output=True, check=False)


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        pytest.param(GOOD, [], 0, id="clean"),
        pytest.param(GOOD, ["--fail-on", "warning"], 0, id="clean, warnings count"),
        pytest.param(BAD, [], 1, id="error"),
        pytest.param("a: b: c\n", [], 1, id="syntax error"),
        pytest.param("", [], 1, id="empty file"),
        pytest.param(BAD, ["--format", "json"], 1, id="error, json"),
        pytest.param(GOOD, ["--select", "no-such-rule"], 2, id="unknown rule"),
        pytest.param(GOOD, ["--client", "newest"], 2, id="unknown client"),
        pytest.param(GOOD, ["--fail-on", "nothing"], 2, id="unknown severity"),
        pytest.param(GOOD, ["--what"], 2, id="unknown option"),
    ],
)
def test_exit_code_of_check(folder: Path, capsys: Capture, text: str, words: list[str], code: int) -> None:
    (folder / "stack.yml").write_text(text)
    assert main(["check", *words, "stack.yml"]) == code
    out, err = capsys.readouterr()
    assert (code == 2) is bool(err)
    assert (code == 2) is not bool(out)


def test_fail_on_counts_from_its_severity(folder: Path) -> None:
    (folder / "stack.yml").write_text(GOOD)
    assert {finding.severity for finding in lblint.check("stack.yml")} == {lblint.Severity.INFO}
    assert main(["check", "--fail-on", "info", "stack.yml"]) == 1
    assert main(["check", "--fail-on", "warning", "stack.yml"]) == 0


def test_select_and_ignore(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(GOOD.replace("[front]", "[front, back]"))
    assert main(["check", "stack.yml"]) == 1
    assert main(["check", "--ignore", "undeclared-network,stack-name-inferred", "stack.yml"]) == 0
    assert main(["check", "--select", "stack-name-inferred", "--select", "undeclared-secret", "stack.yml"]) == 0
    capsys.readouterr()
    assert main(["check", "--select", "undeclared-network", "--format", "json", "stack.yml"]) == 1
    assert {finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]} == {"undeclared-network"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param([], "no stack file given", id="nothing"),
        pytest.param(["none.yml"], "lblint: none.yml: No such file or directory\n", id="no such file"),
        pytest.param(["-c", "none.yml"], "lblint: none.yml: No such file or directory\n", id="no such file to merge"),
        pytest.param(["empty"], "no stack file found below empty", id="folder without stacks"),
        pytest.param(["-c", "empty"], "is a folder", id="folder to merge"),
        pytest.param(["-", "-"], "stdin) was given twice", id="stdin twice"),
        pytest.param(["-c", "-", "-"], "stdin) was given twice", id="stdin twice, once to merge"),
        pytest.param(["-n", "shop", "a.yml", "b.yml"], "names one stack, but 2 were given", id="one name, two stacks"),
        pytest.param(["/dev/null"], "is not a regular file", id="device"),
        pytest.param(["a\0b"], "null byte", id="NUL in the name"),
        pytest.param(["x" * 5000], "File name too long", id="name too long"),
        pytest.param(["--ignore", "no-such", "a.yml"], "no rule 'no-such'", id="unknown rule"),
        pytest.param(["--ignore", "undeclared-netwrok", "a.yml"], "did you mean undeclared-network?", id="near a rule"),
    ],
)
def test_what_cannot_be_checked_is_a_sentence(folder: Path, capsys: Capture, words: list[str], said: str) -> None:
    (folder / "empty").mkdir()
    for name in ("a.yml", "b.yml"):
        (folder / name).write_text(GOOD)
    assert main(["check", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("lblint: ")
    assert err.count("\n") == 1


def test_an_unreadable_file_is_a_sentence(folder: Path, capsys: Capture) -> None:
    """The memory of a process: a regular file that not even root can read from its start."""
    assert main(["check", "/proc/self/mem"]) == 2
    assert re.fullmatch(r"lblint: /proc/self/mem: .+\n", capsys.readouterr().err)


def test_a_file_too_big_or_too_deep_is_not_called_clean(folder: Path, capsys: Capture) -> None:
    (folder / "big.yml").write_bytes(b"a" * (16 * 1024 * 1024 + 1))
    (folder / "deep.yml").write_text("[" * 500 + "]" * 500)
    for name in ("big.yml", "deep.yml"):
        assert main(["check", name]) == 2
        assert f"{name}: could not check: " in capsys.readouterr().out
        with pytest.raises(lblint.UncheckedError, match=name):
            lblint.check(name)


ODD = ("-n.yml", "--config=x.yml", "--", "-", "a b\n.yml", "日本.yml", "\x1b[31m.yml")


@pytest.mark.parametrize("name", ODD, ids=repr)
def test_odd_file_names(folder: Path, capsys: Capture, name: str) -> None:
    (folder / name).write_text(BAD)
    given = f"./{name}" if name == "-" else name
    assert main(["check", "--format", "json", "--", given]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["file"] == given
    assert main(["check", "--", given]) == 1
    out = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in out)


def test_file_names_that_are_no_utf8(folder: Path) -> None:
    name = b"stack-\xff.yml"
    Path(os.fsdecode(name)).write_text(BAD)
    for words in (["check", "."], ["check", os.fsdecode(name)]):
        done = script(*words)
        assert done.returncode == 1, done.stderr
        assert "stack-�.yml:7:".encode() in done.stdout
    shown = json.loads(script("check", "--format", "json", ".").stdout)
    assert os.fsencode(shown["findings"][0]["file"]) == b"./" + name


def test_stdin(folder: Path) -> None:
    assert script("check", "-", input=GOOD.encode()).returncode == 0
    bad = script("check", "-", input=BAD.encode())
    assert bad.returncode == 1
    assert bad.stdout.startswith(b"-:7:")
    closed = shell("lblint check - <&-")
    assert closed.returncode == 2
    assert closed.stderr == b"lblint: -: stdin is closed\n"


def test_a_folder_is_searched(folder: Path, capsys: Capture) -> None:
    found = ("stack.yml", "deep/er/docker-compose.yaml", "named-otherwise.yml")
    passed = (".git/stack.yml", "node_modules/x/stack.yml", "stack.json", "values.yml")
    for name in (*found, *passed):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(BAD if name != "values.yml" else "image: x\n")
    assert main(["check", "--format", "json", "."]) == 1
    files = {finding["file"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert files == {os.path.join(".", name) for name in found}


def test_a_file_named_twice_counts_once(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(GOOD)
    assert main(["check", "stack.yml", "./stack.yml", "."]) == 0
    assert capsys.readouterr().out.endswith("in 1 file\n")


@pytest.mark.parametrize("command", ["check", "routes", "render", "config", "rules", "labels"])
def test_a_reader_that_goes_away_is_no_error(folder: Path, command: str) -> None:
    (folder / "stack.yml").write_text(GOOD.replace("web:", "web:\n    stop_signal: SIGTERM", 1))
    for at in range(400):
        with (folder / "stack.yml").open("a") as file:
            file.write(f"x-{at}: {'y' * 500}\n" if command == "config" else "")
    words = [] if command in ("rules", "labels") else ["stack.yml"]
    reader, writer = os.pipe()
    os.close(reader)
    line = [sys.executable, "-m", "lblint", command, *words]
    done = subprocess.run(line, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_verdict_outlives_the_reader(folder: Path) -> None:
    (folder / "stack.yml").write_text(BAD)
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "lblint", "check", "stack.yml"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_is_a_sentence(folder: Path) -> None:
    (folder / "stack.yml").write_text(GOOD)
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "lblint", "check", "stack.yml"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (2, b"lblint: cannot write: No space left on device\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_full_disk_under_stderr_keeps_the_exit_code(folder: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "lblint", "check", "missing.yml"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, b"")


def test_closed_output_keeps_the_verdict(folder: Path) -> None:
    (folder / "stack.yml").write_text(BAD)
    done = shell("lblint check stack.yml >&-")
    assert (done.returncode, done.stderr) == (1, b"")


def test_ctrl_c_ends_quietly_with_130(folder: Path) -> None:
    command = [sys.executable, "-m", "lblint", "check", "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"#" * 500_000)  # more than a pipe holds: when it is gone, lblint is reading
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_bug_in_lblint_is_a_sentence_and_spares_the_other_files(
    folder: Path, capsys: Capture, monkeypatch: Patch
) -> None:
    from lblint.cli import inputs

    checked = inputs.check_stacks

    def broken(files: object, options: object) -> object:
        if any(source.name == "odd.yml" for merged in files for source in merged):
            raise KeyError("replicas")
        return checked(files, options)

    monkeypatch.setattr(inputs, "check_stacks", broken)
    (folder / "odd.yml").write_text(GOOD)
    (folder / "bad.yml").write_text(BAD)
    assert main(["check", "odd.yml", "bad.yml"]) == 2
    out = capsys.readouterr().out
    assert "bad.yml:7:" in out
    assert "odd.yml: could not check: KeyError: 'replicas'; this is a bug in lblint: please report it" in out
    assert "Traceback" not in out
    monkeypatch.setenv("LBLINT_DEBUG", "1")
    with pytest.raises(KeyError):
        main(["check", "odd.yml", "bad.yml"])


def test_any_other_bug_is_a_sentence(capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setattr(rules, "load", lambda: 1 / 0)
    assert main(["rules"]) == 2
    assert capsys.readouterr().err.startswith("lblint: ZeroDivisionError: division by zero; this is a bug in lblint")


def test_render_on_a_terminal_shows_no_control_characters(folder: Path) -> None:
    (folder / "stack.yml").write_text(GOOD.replace("shop.example.com", '"shop\\e[2Jexample.com"'))
    assert b"\x1b" not in on_a_terminal("render", "stack.yml")
    assert b"\x1b" not in on_a_terminal("routes", "--color", "never", "stack.yml")
    assert b"\x1b" not in on_a_terminal("config", "stack.yml")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_output_in_any_encoding(folder: Path, encoding: str) -> None:
    (folder / "stack.yml").write_text(GOOD.replace("shop.example.com", "日本 example.com"), "utf-8")
    done = script("check", "stack.yml", env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    assert done.returncode in (0, 1)
    assert done.stderr == b""


def test_config_prints_the_merged_stack(folder: Path, capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setenv("TAG", "1.5")
    (folder / "base.yml").write_text(GOOD.replace("1.4", "${TAG}"))
    (folder / "prod.yml").write_text("services:\n  web:\n    deploy: {replicas: 3}\n")
    assert main(["config", "-c", "base.yml", "-c", "prod.yml"]) == 0
    out = capsys.readouterr().out
    assert "image: example/web:1.5\n" in out
    assert "replicas: 3\n" in out
    assert main(["config", "--skip-interpolation", "base.yml"]) == 0
    assert "image: example/web:${TAG}\n" in capsys.readouterr().out


def test_config_says_what_docker_says(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(REFUSED)
    assert main(["config", "stack.yml"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "services.web Additional property imagee is not allowed" in err
    assert main(["config", "stack.yml", "-c", "stack.yml", "-c", "stack.yml"]) == 2


def test_routes(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(GOOD)
    (folder / "api.yml").write_text(GOOD.replace("web:", "api:", 1).replace(
        "com.docker.lb.port", "com.docker.lb.context_root: /api\n        com.docker.lb.port"))  # fmt: skip
    assert main(["routes", "--format", "json", "stack.yml", "api.yml"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(row["host"], row["path"], row["service"], row["port"], row["over"]) for row in shown] == [
        ("shop.example.com", "/", "shop_web", "8080", "shop_front"),
        ("shop.example.com", "/api", "shop_api", "8080", "shop_front"),
    ]
    assert main(["routes", "stack.yml"]) == 0
    assert re.fullmatch(
        r"HOST +PATH +TLS +SERVICE +PORT +OVER +ATTACHED +CLUSTER\n"
        r"shop\.example\.com +/ +- +shop_web +8080 +shop_front +shop_front +-\n",
        capsys.readouterr().out,
    )


HOST_MODE = """\
version: "3.5"
services:
  web:
    image: example/web:1.4
    networks: [none]
    ports:
      - {target: 8080, mode: host}
    deploy:
      labels:
        com.docker.lb.hosts: shop.example.com,www.example.com
        com.docker.lb.port: "8080"
        com.docker.lb.ssl_passthrough: "true"
networks:
  none:
    external: true
    name: bridge
"""


def test_routes_over_the_nodes(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(HOST_MODE)
    assert main(["routes", "--format", "json", "-n", "shop", "stack.yml"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(row["host"], row["tls"], row["over"], row["attached"]) for row in shown] == [
        ("shop.example.com", "service", "host", "-"),
        ("www.example.com", "service", "host", "-"),
    ]


def test_render_prints_an_nginx_conf(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(GOOD)
    assert main(["render", "stack.yml"]) == 0
    assert "server_name shop.example.com;" in capsys.readouterr().out
    (folder / "stack.yml").write_text(GOOD.replace("shop.example.com", "a;b"))
    assert main(["render", "stack.yml"]) == 1
    assert "lblint check says which" in capsys.readouterr().err
    (folder / "stack.yml").write_text(REFUSED)
    assert main(["render", "stack.yml"]) == 1
    assert "docker refuses it: services.web Additional property imagee is not allowed" in capsys.readouterr().err


def test_rules_lists_all_rules(capsys: Capture) -> None:
    assert main(["rules"]) == 0
    listed, _, pages = capsys.readouterr().out.partition("\nPAGE ")
    assert sorted(line.split()[0] for line in listed.splitlines() if line[:1] == " ") == list(rules.load())
    assert [line.split()[0] for line in pages.splitlines()[1:]] == topic_ids()
    assert main(["rules", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [row["rule"] for row in shown] == list(rules.load())
    assert sorted(shown[0]) == ["breaks", "rule", "severity", "summary", "topic"]


def test_explain(capsys: Capture) -> None:
    assert main(["explain", "undeclared-network"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("undeclared-network (error, breaks: deploy)\n")
    summary = rules.load()["undeclared-network"].summary
    for part in (summary, "Bad:", "Good:", "bad.yml:", "--ignore undeclared-network"):
        assert part in out
    assert main(["explain", "undeclared_netwrok"]) == 2
    assert "did you mean undeclared-network?" in capsys.readouterr().err


def test_every_rule_is_explained(capsys: Capture) -> None:
    assert [rule for rule in rules.load() if main(["explain", rule]) != 0] == []


def test_labels(capsys: Capture) -> None:
    assert main(["labels"]) == 0
    assert "com.docker.lb.hosts" in capsys.readouterr().out
    assert main(["labels", "--format", "json"]) == 0
    assert "com.docker.lb.hosts" in {row["label"] for row in json.loads(capsys.readouterr().out)}
    for key in ("ssl_cert", "com.docker.lb.ssl_cert"):
        assert main(["labels", key]) == 0
        assert "ssl_key (nginx refuses a certificate without its key)" in capsys.readouterr().out
    assert main(["labels", "com.docker.lb.host"]) == 2
    assert "did you mean hosts?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["stack.yml"], "Did you mean: lblint check stack.yml", id="forgot check"),
        pytest.param(["chekc"], "'chekc' is not a command. Did you mean: lblint check", id="unknown command"),
        pytest.param([], "Usage: lblint", id="nothing"),
        pytest.param(["check", "--stack-name"], "requires an argument", id="option without value"),
    ],
)
def test_usage_errors(folder: Path, capsys: Capture, words: list[str], said: str) -> None:
    (folder / "stack.yml").write_text(GOOD)
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_version_and_help(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lblint, version {lblint.__version__}\n"
    assert main(["-h"]) == 0
    assert main(["check", "--help"]) == 0


def test_python_finds_what_the_command_finds(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(BAD)
    (folder / "over.yml").write_text("services:\n  web:\n    deploy: {replicas: -1}\n")
    main(["check", "--format", "json", "-n", "shop", "stack.yml"])
    shown = json.loads(capsys.readouterr().out)["findings"]
    found = lblint.check(folder / "stack.yml", stack_name="shop")
    assert [(f.rule, f.position.line, str(f.severity), f.message) for f in found] == [
        (f["rule"], f["line"], f["severity"], f["message"]) for f in shown
    ]
    assert found
    worst = max(found, key=lambda finding: finding.severity)
    assert (worst.severity, worst.breaks) == (lblint.Severity.ERROR, lblint.Breaks.PROXY)
    assert isinstance(worst, lblint.Finding)
    assert worst.rule not in {f.rule for f in lblint.check(folder / "stack.yml", ignore=[worst.rule])}
    assert {f.rule for f in lblint.check(folder / "stack.yml", select=[worst.rule])} == {worst.rule}
    assert any(f.file == "over.yml" for f in lblint.check(compose_files=["stack.yml", "over.yml"]))
    with pytest.raises(lblint.UncheckedError, match="No such file"):
        lblint.check("none.yml")
    with pytest.raises(lblint.UncheckedError, match="no rule"):
        lblint.check("stack.yml", select=["nothing"])
    with pytest.raises(AttributeError):
        _ = lblint.nothing


def test_python_takes_an_environment(folder: Path) -> None:
    (folder / "stack.yml").write_text(GOOD.replace("shop.example.com", "${HOST}"))
    loud = {
        host: [f.severity for f in lblint.check("stack.yml", env={"HOST": host}) if f.severity > lblint.Severity.INFO]
        for host in ("shop.example.com", "http://shop.example.com")
    }
    assert loud == {"shop.example.com": [], "http://shop.example.com": [lblint.Severity.ERROR]}


@pytest.mark.parametrize("name", ["service:web.yml", "service:shop_web"])
def test_a_file_may_be_called_like_a_running_service(folder: Path, name: str) -> None:
    """What is found in it counts."""
    (folder / name).write_text(BAD)
    assert main(["check", "-n", "shop", name]) == 1
    assert {finding.file for finding in lblint.check(name)} == {name}


def test_functions_for_the_end_of_the_process_are_called(folder: Path) -> None:
    (folder / "stack.yml").write_text(GOOD)
    code = "import atexit, sys; from lblint.cli import script; atexit.register(print, 'the end'); sys.exit(script())"
    done = subprocess.run([sys.executable, "-c", code, "check", "-q", "stack.yml"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"the end\n", b"")
