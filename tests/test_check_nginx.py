"""`lblint check --nginx`: the user's own nginx tries the config, after all else, and only within its own folder."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest
from conftest import nginx
from proxy_cases import CASES
from routes import ingress, place, route

from lblint.cli import main
from lblint.interlock.routes import Route
from lblint.lint import check_stacks, make_options
from lblint.proxy import template, trial
from lblint.proxy.directive import Line
from lblint.proxy.nginx_lexer import read
from lblint.proxy.nginx_test.confinement import Build, confined
from lblint.proxy.nginx_test.program import NginxVerdict, ask, build, find
from lblint.source import read as source

BUILD = Build((1, 22, 1), "", ("client_body", "proxy"))
VERSION = 'echo "nginx version: nginx/1.22.1" >&2; echo "configure arguments: --with-stream" >&2; exit 0'
STACK = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: {host}
        com.docker.lb.port: "8080"
        com.docker.lb.network: front
networks:
  front: {{external: true}}
"""


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that a user without rights can reach, for programs that are run without rights."""
    top = Path(tempfile.gettempdir())
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(top) and folder != top:
            folder.chmod(folder.stat().st_mode | 0o711)
    return tmp_path


def program(folder: Path, test: str, version: str = VERSION) -> str:
    """A program that answers `-V` and `-t` with these shell commands."""
    path = folder / "nginx"
    path.write_text(f'#!/bin/sh\ncase "$1" in\n-V) {version} ;;\n-t) {test} ;;\nesac\n')
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def temporary(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, of this test alone."""
    folder = open_folder / "tmp"
    folder.mkdir(mode=0o711)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.needs_nginx
@pytest.mark.parametrize("routes", [pytest.param(routes, id=name) for name, routes in CASES.items()])
def test_nginx_takes_sound_routes(routes: tuple[Route, ...]) -> None:
    assert ask(trial(ingress(*routes)), nginx() or "") == NginxVerdict(nginx() or "")


@pytest.mark.needs_nginx
def test_the_words_of_nginx_come_back_to_the_label() -> None:
    made = trial(ingress(route(hosts="a.org", context_root="/nginx_status"), route("b", hosts="b.org")))
    verdict = ask(made._replace(faults=()), nginx() or "")
    assert verdict.message == 'duplicate location "/nginx_status"'
    assert (verdict.exact, verdict.unchecked) == (True, "")
    made = trial(
        ingress(route("b", hosts="b.org"), route(hosts="a.org", context_root="/a(", context_root_rewrite=True))
    )
    assert ask(made._replace(faults=()), nginx() or "").place == place("web", "context_root")


@pytest.mark.needs_nginx
def test_a_complaint_without_a_line_is_found_by_the_name_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "SHOWN", 400)
    full = route("full", hosts="full.org", targets=90)
    made = trial(ingress(route(hosts="a.org"), full, route("last", hosts="z.org")))
    verdict = ask(made._replace(faults=()), nginx() or "")
    assert "no memory in upstream zone" in verdict.message
    assert verdict.place == full.hosts[0].place


@pytest.mark.needs_nginx
def test_a_complaint_that_names_nothing_is_put_to_the_first_service() -> None:
    first = route(hosts="a" * 150 + ".org")
    made = trial(ingress(first, route("b", hosts="b.org")))
    verdict = ask(made._replace(faults=()), nginx() or "")
    assert verdict.message.startswith("could not build server_names_hash")
    assert (verdict.place, verdict.exact) == (first.place, False)


def test_what_has_faults_is_not_put_before_nginx(open_folder: Path) -> None:
    mark = open_folder / "ran"
    asked = program(open_folder, "exit 0", f"touch {mark}; {VERSION}")
    made = trial(ingress(route(hosts="a.org;} include /etc/passwd;")))
    assert made.faults
    assert "faults" in ask(made, asked).unchecked
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        pytest.param("include /etc/passwd;", True, id="include"),
        pytest.param("include /etc/passwd;", False, id="include-of-the-frame"),
        pytest.param("load_module /tmp/x.so;", False, id="module"),
        pytest.param("ssl_engine x;", False, id="engine"),
        pytest.param("a.org b; include x;", True, id="two-directives"),
        pytest.param("server_name a.org\nb;", True, id="line-break"),
        pytest.param('server_name "a"b;', True, id="text-after-a-quote"),
        pytest.param("server_name a", True, id="no-end"),
        pytest.param("}", True, id="brace"),
        pytest.param("listen unix:/tmp/x;", False, id="socket"),
        pytest.param("listen ../x;", False, id="path-of-a-socket"),
        pytest.param("listen ..;", False, id="folder-above-the-sockets"),
        pytest.param("auth_basic_user_file /etc/shadow;", False, id="file"),
        pytest.param("gzip on; include x;", False, id="behind-a-harmless-one"),
        pytest.param("log_format a 'x' ; access_log /tmp/y;", False, id="log-behind-a-harmless-one"),
    ],
)
def test_a_line_that_might_open_a_file_is_not_tried(text: str, origin: bool) -> None:
    made = confined([Line(text, place("web", "hosts") if origin else None)], BUILD)
    assert made.lines == ()
    assert made.reason


def test_words_are_read_as_nginx_reads_them() -> None:
    assert read(r'a "b\tc\"d\\e\x" f\n;') == [("a", 'b\tc"d\\e\\x', "f\n", ";")]
    assert read("a 'b' {c;}") == [("a", "b", "{"), ("c", ";"), ("}",)]
    assert read('a "b"c;') is None
    assert read("a") is None


@pytest.mark.parametrize("entry", ["include /etc/passwd;", "a { }"])
def test_a_map_holds_entries_alone(entry: str) -> None:
    lines = [Line("map $a $b {", None), Line(entry, place("web", "hosts")), Line("}", None)]
    assert confined(lines, BUILD).reason


@pytest.mark.parametrize("routes", [pytest.param(routes, id=name) for name, routes in CASES.items()])
def test_no_path_of_the_config_leads_out_of_the_folder(routes: tuple[Route, ...]) -> None:
    made = confined(trial(ingress(*routes)).lines, BUILD)
    assert made.reason == ""
    assert len(made.lines) == len(trial(ingress(*routes)).lines) + 1
    opens = {"access_log", "include", "load_module", "pid", "root", "ssl_certificate", "ssl_certificate_key", "listen"}
    found = [words for words in read("\n".join(line.text for line in made.lines)) or () if words[0] in opens]
    assert {words[0] for words in found} >= {"access_log", "pid", "listen"}
    for words in found:
        assert words[1] in ("off", "access.log", "nginx.pid", "html", "trial.pem") or words[1].startswith("unix:s/"), (
            words
        )


def test_the_folder_is_private_and_gone_afterwards(open_folder: Path, temporary: Path) -> None:
    asked = program(open_folder, "(pwd; id -u; stat -c %a .; env; ls) >&2; exit 1")
    said: list[str] = []

    def spy(command: object, folder: str, seconds: float) -> object:
        from lblint.proxy.nginx_test import process

        ended = process.run(command, folder, seconds)  # type: ignore[arg-type]
        said.append(ended.said)
        return ended

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lblint.proxy.nginx_test.program.run", spy)
        assert "exit code 1 and without a reason" in ask(trial(ingress(route(hosts="a.org"))), asked).unchecked
    folder, user, mode, *rest = said[-1].split("\n")
    assert not Path(folder).exists()
    assert mode == "700"
    assert os.geteuid() != 0 or user != "0"
    assert {word.partition("=")[0] for word in rest if "=" in word} <= {"PWD", "SHLVL", "_", "OLDPWD"}
    assert {"nginx.conf", "trial.pem", "tmp", "s", "html"} <= set(rest)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("test", "says"),
    [
        pytest.param("sleep 60", "did not end within 1 seconds", id="hangs"),
        pytest.param("sleep 60 & exit 1", "exit code 1 and without a reason", id="leaves-a-child"),
        pytest.param("exec 2>&-; sleep 60", "did not end within 1 seconds", id="hangs-without-stderr"),
        pytest.param("while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done >&2", "says more than", id="floods"),
        pytest.param("kill -SEGV $$", f"ended by signal {signal.SIGSEGV.value}", id="crashes"),
        pytest.param("head -c 9000 /dev/urandom >&2; exit 1", "without a reason", id="garbage"),
        pytest.param("exit 3", "exit code 3 and without a reason", id="silent"),
        pytest.param(
            'echo "nginx: [emerg] open() failed (13: Permission denied)" >&2; exit 1', "could not try", id="os"
        ),
        pytest.param(
            'echo "nginx: [emerg] unknown directive in $PWD/nginx.conf:2" >&2; exit 1', "no label touches", id="frame"
        ),
    ],
)
def test_a_program_that_gives_no_verdict_leaves_the_config_unchecked(
    test: str, says: str, open_folder: Path, temporary: Path
) -> None:
    verdict = ask(trial(ingress(route(hosts="a.org"))), program(open_folder, test), seconds=1)
    assert says in verdict.unchecked
    assert verdict.message == ""
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("", "does not answer -V", id="nothing"),
        pytest.param(
            "nginx version: nginx/1.22.1\nconfigure arguments: --prefix=/x", "no stream module", id="no-stream"
        ),
        pytest.param(
            "nginx version: nginx/1.22.1\nconfigure arguments: --with-stream=dynamic --modules-path=/nowhere",
            "/nowhere/ngx_stream_module.so is not there",
            id="no-file",
        ),
        pytest.param(
            "nginx version: openresty/1.25.3.1\nconfigure arguments: --with-stream --without-http_uwsgi_module",
            Build((1, 25, 3), "", ("client_body", "proxy", "fastcgi", "scgi"), tells_status=False),
            id="openresty",
        ),
        pytest.param(
            "Angie version: Angie/1.8.1\nnginx version: nginx/1.27.3\nconfigure arguments: --with-stream",
            Build((1, 8, 1), "", ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"), tells_status=False),
            id="angie",
        ),
    ],
)
def test_what_is_understood_of_a_build(said: str, expected: object) -> None:
    found = build(said)
    assert found == expected if isinstance(expected, Build) else isinstance(found, str) and str(expected) in found


@pytest.mark.parametrize("version", [(1, 25, 0), (1, 25, 1)])
def test_the_old_word_for_tls_is_left_out_where_nginx_has_lost_it(version: tuple[int, ...]) -> None:
    made = confined(trial(ingress(*CASES["tls"])).lines, BUILD._replace(version=version))
    assert any("ssl on" in line.text for line in made.lines) is (version < (1, 25, 1))


@pytest.mark.parametrize("name", ["", "no-such-program", "/nowhere/nginx", "a\0b", "."])
def test_a_program_that_is_not_there(name: str) -> None:
    assert find(name) is None
    assert "there is no program" in ask(trial(ingress(route(hosts="a.org"))), name).unchecked


def test_only_routes_without_an_error_are_put_before_nginx(open_folder: Path) -> None:
    copy = open_folder / "seen"
    copy.touch()
    copy.chmod(0o666)
    asked = program(open_folder, f"cat nginx.conf >> {copy}; exit 0")
    stacks = [
        [source(STACK.format(host=host).encode(), name)]
        for name, host in (("good.yml", "good.org"), ("bad.yml", '"bad.org; include /etc/passwd"'),
                           ("wide.yml", ".lost.org"), ("lost.yml", "lost.org"))
    ]  # fmt: skip
    result = check_stacks(stacks, make_options(env={}, nginx=asked))
    assert result.unchecked == ()
    assert ("proxy-ignores-value", "lost.yml") in {(found.rule, found.file) for found in result.findings}
    assert "server_name good.org;" in copy.read_text()
    assert "server_name .lost.org;" in copy.read_text()
    assert "server_name lost.org;" not in copy.read_text(), "nginx would start with it"
    assert "bad.org" not in copy.read_text()
    assert "passwd" not in copy.read_text()


@pytest.mark.parametrize("ignored", ["", "proxy-config-changed,invalid-host"])
def test_a_rule_that_is_ignored_does_not_open_the_way_to_nginx(ignored: str, open_folder: Path) -> None:
    mark = open_folder / "ran"
    asked = program(open_folder, "exit 0", f"touch {mark}; {VERSION}")
    text = STACK.format(host='"a.org;} include /etc/passwd;"')
    options = make_options(env={}, nginx=asked, ignore=frozenset(filter(None, ignored.split(","))))
    check_stacks([[source(text.encode(), "stack.yml")]], options)
    assert not mark.exists()


@pytest.mark.needs_nginx
def test_what_is_only_a_warning_and_may_stop_nginx_is_left_out() -> None:
    idle = STACK.format(host="idle.org").replace("deploy:", "deploy:\n      replicas: 0")
    stacks = [[source(text.encode(), name)] for name, text in (("a.yml", STACK.format(host="a.org")), ("b.yml", idle))]
    result = check_stacks(stacks, make_options(env={}, nginx=nginx() or ""))
    assert result.unchecked == ()
    assert {str(finding.severity) for finding in result.findings} == {"warning"}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The command line: its exit code and what it printed."""
    code = main(["check", *words])
    done = capsys.readouterr()
    return code, done.out + done.err


@pytest.mark.needs_nginx
def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(STACK.format(host="a.org"))
    for words in (["--nginx", str(file)], [str(file), "--nginx"], ["--nginx", nginx() or "", str(file)]):
        assert run(capsys, *words) == (0, "no findings in 1 file\n")


def test_a_refusal_on_the_command_line(open_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = open_folder / "stack.yml"
    file.write_text(STACK.format(host="a.org"))
    find_line = r"$(grep -n 'server_name a.org' nginx.conf | cut -d: -f1)"
    asked = program(open_folder, f'echo "nginx: [emerg] no such name in $PWD/nginx.conf:{find_line}" >&2; exit 1')
    code, said = run(capsys, "--nginx", asked, str(file))
    assert code == 1, said
    assert f"{file}:7:30: error: nginx -t refuses the config [nginx-refuses-config]" in said
    assert "\n  nginx:  no such name\n" in said


def test_a_missing_program_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(STACK.format(host="a.org"))
    code, said = run(capsys, "--nginx=no-such-nginx", str(file))
    assert code == 2
    assert "no-such-nginx: could not check: there is no program 'no-such-nginx'" in said
