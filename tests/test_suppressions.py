"""`# lblint: ignore[rule] reason`: what is a comment, what it speaks of, and who may silence what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lblint.cli import main
from lblint.finding import Breaks, Finding
from lblint.lint import Options, Result, check_stacks, make_options
from lblint.source import read
from lblint.source.suppressions import Suppression, suppressions
from lblint.source.toml import read_toml

STACK = """\
version: "3.7"
services:
  web:
    image: nginx:1.27
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: http://app.example.org
        com.docker.lb.port: 8080
        com.docker.lb.network: front
  api:
    image: nginx:1.27
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: http://api.example.org
        com.docker.lb.port: "80 80"
        com.docker.lb.network: front
networks:
  front:
    external: true
"""
RULE = "invalid-host"


def check(text: str, suppress: str = "all", name: str = "stack.yml", **more: object) -> Result:
    source = read_toml(text.encode(), name) if name.endswith(".toml") else read(text.encode(), name)
    return check_stacks([[source]], make_options(stack_name="shop", suppress=suppress, **more))  # type: ignore[arg-type]


def with_line(number: int, comment: str, text: str = STACK) -> str:
    """The stack with a comment at the end of a line."""
    lines = text.splitlines()
    lines[number - 1] += f"  {comment}"
    return "\n".join(lines) + "\n"


def above(number: int, comment: str, text: str = STACK) -> str:
    """The stack with a comment on a line of its own, before line `number` and indented like it."""
    lines = text.splitlines()
    line = lines[number - 1]
    lines.insert(number - 1, line[: len(line) - len(line.lstrip())] + comment)
    return "\n".join(lines) + "\n"


def found(result: Result, rule: str = RULE) -> list[str | None]:
    """The services in which a rule finds something."""
    return [finding.service for finding in result.findings if finding.rule == rule]


def ask(*rules: str) -> str:
    return f"# lblint: ignore[{', '.join(rules or (RULE,))}] they know"


def of_comments(result: Result) -> list[str]:
    return [f.rule for f in result.findings if f.rule.startswith("suppression-")]


def test_the_stack_has_both_faults() -> None:
    assert found(check(STACK)) == ["web", "api"]


@pytest.mark.parametrize("number", [3, 6, 7, 8])
def test_a_line_and_each_block_around_it(number: int) -> None:
    for text in (with_line(number, ask()), above(number, ask())):
        result = check(text)
        assert found(result) == ["api"], text
        assert [one.finding.service for one in result.silenced] == ["web"]
        assert of_comments(result) == []
    assert check(with_line(2, ask())).silenced[1].reason == "they know"


@pytest.mark.parametrize("number", [1, 4, 5, 9, 10, 19])
def test_other_lines_silence_nothing(number: int) -> None:
    for text in (with_line(number, ask()), above(number, ask())):
        result = check(text)
        assert found(result) == ["web", "api"], text
        assert result.silenced == ()
        assert of_comments(result) == ["suppression-unused"]


def test_the_whole_file() -> None:
    for top in ("", "# stacks of the shop\n\n", "---\n", "# first\n---\n# second\n"):
        result = check(f"{top}# lblint: ignore-file[{RULE}] they know\n{STACK}")
        assert found(result) == []
        assert len(result.silenced) == 2
        assert of_comments(result) == []
    below = check(with_line(1, f"# lblint: ignore-file[{RULE}] they know"))
    assert found(below) == ["web", "api"]
    assert of_comments(below) == ["suppression-malformed"]


@pytest.mark.parametrize("text", [STACK.replace("\n", "\r\n"), "\ufeff" + STACK, STACK + "---\nservices: {}\n"])
def test_line_ends_marks_and_other_documents(text: str) -> None:
    result = check(text.replace("http://app.example.org", f"http://app.example.org\t{ask()}"))
    assert found(result) == ["api"]
    assert [one.reason for one in result.silenced] == ["they know"]


def test_the_second_document_is_silenced_at_its_marker() -> None:
    text = STACK + "---  # lblint: ignore[several-documents] kept for the diff\nservices: {}\n# lblint: disable\n"
    result = check(text)
    assert found(result, "several-documents") == []
    assert of_comments(result) == []


TEXTS = (
    'environment: {{A: "x {} y"}}', "environment: {{A: 'x {} y'}}",
    "environment:\n      A: |\n        {}\n        x", "environment:\n      A: >-\n        x {}\n\n        {}",
    "environment:\n      A: &a !!str |  \n        {}", 'environment:\n      A: "x\n        {}\n        y"',
    "environment:\n      ? \"{}\"\n      : x", "environment: [\"A=1\", 'B={}']",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_no_comment(text: str) -> None:
    for speech in (f"# lblint: ignore-file[{RULE}] they know", ask(), "# lblint: disable=all", f"#{ask()}"):
        stack = STACK.replace("networks: [front]", text.format(*[speech] * 2), 1)
        assert read(stack.encode(), "x").root is not None, stack
        result = check(stack)
        assert result.silenced == ()
        assert of_comments(result) == [], stack
        assert found(result) == ["web", "api"]


@pytest.mark.parametrize("text", [
    "environment: {A: x#lblint:disable}", "environment:\n      A: x\n        y#lblint:off",
])  # fmt: skip
def test_plain_text_is_no_comment(text: str) -> None:
    result = check(STACK.replace("networks: [front]", text, 1))
    assert of_comments(result) == []
    assert found(result) == ["web", "api"]


@pytest.mark.parametrize("text", [
    "deploy: # c\n      labels:", "deploy: &d # c\n      labels:", "deploy: !!map # c\n      labels:",
    "deploy: &d !!map  # c\n      # more\n      labels:",
])  # fmt: skip
def test_properties_in_front_of_a_block(text: str) -> None:
    result = check(STACK.replace("deploy:\n      labels:", text.replace("# c", ask()), 1))
    assert found(result) == ["api"]
    assert of_comments(result) == []


FLOW = """\
version: "3.7"
services: {
  # above
  web: {image: a, networks: [front], deploy: {labels: {com.docker.lb.hosts: "http://a.example.org", # inside
    com.docker.lb.port: 80, com.docker.lb.network: front}}}, api: {image: a, networks: [front], deploy: {labels: {# open
    com.docker.lb.hosts: "http://b.example.org", com.docker.lb.port: 80, com.docker.lb.network: front}}}
}  # end
networks: {front: {external: true}}
"""


@pytest.mark.parametrize(("mark", "left"), [
    ("# above", ["api"]), ("# inside", ["api"]), ("{# open", ["web"]), ("# end", ["web", "api"]),
])  # fmt: skip
def test_flow_mappings(mark: str, left: list[str]) -> None:
    assert found(check(FLOW.replace(mark, mark.replace(mark.lstrip("{"), ask())))) == left


LISTS = """\
version: "3.7"
services:
  web:
    image: nginx:1.27
    networks: [front]
    deploy:
      labels:
        - com.docker.lb.hosts=http://app.example.org
        - com.docker.lb.port=80 80
        - com.docker.lb.network=front
networks:
  front:
    external: true
"""


def test_items_of_a_list() -> None:
    both = ask(RULE, "invalid-port")
    for number, left in ((8, ["web"]), (7, [])):
        assert found(check(with_line(number, both, LISTS)), "invalid-port") == left
        assert found(check(with_line(number, both, LISTS))) == []
        assert found(check(above(number, both, LISTS)), "invalid-port") == left
    dashed = LISTS.replace("- com.docker.lb.port", f"- {both}\n          com.docker.lb.port")
    assert found(check(dashed)) == ["web"]
    assert found(check(dashed), "invalid-port") == []


ALIASED = """\
version: "3.7"
x-deploy: &deploy
  labels:
    com.docker.lb.hosts: http://app.example.org
    com.docker.lb.port: 8080
    com.docker.lb.network: front
services:
  web:
    image: nginx:1.27
    networks: [front]
    deploy: *deploy
  api:
    image: nginx:1.27
    networks: [front]
    deploy:
      <<: *deploy
      replicas: 2
networks:
  front:
    external: true
"""


def test_what_an_alias_brings_in_belongs_to_the_block() -> None:
    assert len(found(check(ALIASED))) == 1
    assert found(check(with_line(4, ask(), ALIASED))) == []
    for web in (8, 11):
        half = check(with_line(web, ask(), ALIASED))
        assert len(found(half)) == 1, "the other service still has it"
        assert half.silenced == ()
        for api in (12, 15):
            assert found(check(with_line(api, ask(), with_line(web, ask(), ALIASED)))) == []


def test_a_comment_speaks_of_its_own_file() -> None:
    over = "services:\n  web:\n    deploy:\n      labels:\n        com.docker.lb.port: 80\n"
    files = [read(STACK.encode(), "a.yml"), read(with_line(2, ask(), over).encode(), "b.yml")]
    result = check_stacks([files], make_options(stack_name="shop"))
    assert found(result) == ["web", "api"]
    assert of_comments(result) == ["suppression-unused"]


CONFIG = """\
ListenAddr = ":8080"
[Extensions]
  [Extensions.default]
    Image = "x"
    ServiceCluster = "a"
    [Extensions.default.Config]
      WorkerProcesses = "many"
      Text = '''
# lblint: disable=all
'''
"""


@pytest.mark.parametrize("number", [2, 3, 6, 7])
def test_tables_and_keys_of_interlocks_config(number: int) -> None:
    rule = "nginx-refuses-setting"
    assert len(found(check(CONFIG, name="config.toml"), rule)) == 1
    for text in (with_line(number, ask(rule), CONFIG), above(number, ask(rule), CONFIG)):
        result = check(text, name="config.toml")
        assert found(result, rule) == [], text
        assert of_comments(result) == []
    other = check(with_line(4, ask(rule), CONFIG), name="config.toml")
    assert len(found(other, rule)) == 1
    assert of_comments(other) == ["suppression-unused"]


@pytest.mark.parametrize("said", [
    "lblint:ignore[invalid-host] they know", "lblint: ignore", "lblint: ignore invalid-host they know",
    "lblint: ignore [invalid-host] they know", "lblint: ignore[] they know", "lblint: ignore[invalid-host they know",
    "lblint: ignore[invalid-host invalid-port] they know", "lblint: disable=invalid-host",
    "lblint ignore[invalid-host]",
    "lblint-ignore: invalid-host", "Lblint: ignore[invalid-host] they know", "lblint: ignore(invalid-host) they know",
    "lblint: Ignore[invalid-host] they know", "lblint: ignore[invalid-host,] they know", "lblint:", "lblint-disable",
    "lblint: ignore-next-line[invalid-host] they know",
])  # fmt: skip
def test_near_misses_are_said(said: str) -> None:
    result = check(with_line(8, f"# {said}"))
    assert of_comments(result) == ["suppression-malformed"]
    assert found(result) == ["web", "api"]


@pytest.mark.parametrize("said", [
    "checked with lblint", "lblint is right here", "see the lblint handbook", "lblinting: ignore[x]",
    "ignore lblint: no",
])  # fmt: skip
def test_other_comments_are_left_alone(said: str) -> None:
    result = check(with_line(8, f"# {said}"))
    assert of_comments(result) == []


def test_a_line_that_is_commented_out_says_nothing() -> None:
    result = check(above(8, f"# com.docker.lb.hosts: a.example.org  {ask()}"))
    assert of_comments(result) == []
    assert found(result) == ["web", "api"]


def test_behind_another_comment_and_twice() -> None:
    result = check(with_line(17, f"# noqa {ask(RULE)} {ask('invalid-port')} see #12"))
    assert [one.reason for one in result.silenced] == ["they know see #12"]
    assert of_comments(result) == ["suppression-unused"]


@pytest.mark.parametrize("reason", ["", " ", " -", ":", " --", " .", " #", " x"])
def test_a_reason_is_demanded(reason: str) -> None:
    result = check(with_line(8, f"# lblint: ignore[{RULE}]{reason}"))
    assert of_comments(result) == ["suppression-without-reason"]
    assert found(result) == ["web", "api"]


@pytest.mark.parametrize("reason", [" - they know", ": they know", " (they know)", " 誤報"])
def test_any_words_are_a_reason(reason: str) -> None:
    assert found(check(with_line(8, f"# lblint: ignore[{RULE}]{reason}"))) == ["api"]


def test_what_did_not_run_is_not_unused() -> None:
    text = with_line(1, ask("invalid-port", "service-name-taken", RULE))
    assert of_comments(check(text, select=frozenset({"invalid-host", "suppression-unused"}))) == ["suppression-unused"]
    (said,) = check(text, ignore=frozenset({RULE, "shared-host"})).findings[:1]
    assert said.message == "invalid-port finds nothing here"


def test_a_rule_of_the_trial_has_not_looked_while_a_route_is_kept_from_it() -> None:
    sound = with_line(19, ask("host-too-long"), STACK.replace("http://", "").replace('"80 80"', "8080"))
    assert of_comments(check(sound)) == ["suppression-unused"]
    assert of_comments(check(sound.replace("app.example.org", "http://app.example.org"))) == []


def breaking(findings: tuple[Finding, ...]) -> list[str]:
    return [f.message for f in findings if f.breaks is Breaks.PROXY]


def test_own_leaves_what_breaks_the_proxy() -> None:
    text = with_line(3, ask(), with_line(19, ask("invalid-port")))
    result = check(text, "own")
    assert found(result) == ["web", "api"]
    assert "the comment on line 3 may not silence what affects others, too" in breaking(result.findings)[0]
    assert of_comments(result) == ["suppression-unused"], "only the one that is"
    assert check(text, "none").findings == check(STACK).findings


def test_own_leaves_what_breaks_the_proxy_by_its_rule_alone() -> None:
    text = STACK.replace("http://app.example.org", f"{'a' * 120}.example.org").replace("http://", "")
    text = with_line(8, ask("host-too-long"), text.replace('"80 80"', "8080"))
    assert found(check(text), "host-too-long") == []
    assert found(check(text, "own"), "host-too-long") == ["web"]


def test_a_finding_that_another_one_explains_has_been_found() -> None:
    """The name of the network is not known without the variable, which is all that is reported."""
    lines = "services:\n  web:\n    image: a:1\n    networks: [net$X]\n"
    assert {one.rule for one in check(lines, env={}).findings} >= {"unset-variable"}
    assert "undeclared-network" not in {one.rule for one in check(lines, env={}).findings}
    assert of_comments(check(with_line(4, ask("undeclared-network"), lines), env={})) == []
    assert of_comments(check(with_line(3, ask("undeclared-network"), lines), env={})) == ["suppression-unused"]


OTHERS = """\
version: "3.7"
services:
  web:
    image: nginx:1.27
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: app.example.org
        com.docker.lb.port: 8080
        com.docker.lb.network: front
        com.docker.lb.context_root: /%s
networks:
  front:
    external: true
"""


def test_own_leaves_what_takes_a_host_of_others() -> None:
    """The finding stands in the file that is read last, whoever that belongs to."""
    mine, theirs = OTHERS % "a", OTHERS % "b" + f"# {'x' * 9}\n"
    theirs = theirs.replace("services:", f"services:  {ask('second-context-root')}")
    files = [[read(mine.encode(), "mine.yml")], [read(theirs.encode(), "theirs.yml")]]
    every = check_stacks(files, Options())
    assert "second-context-root" in {one.finding.rule for one in every.silenced}
    own = check_stacks(files, make_options(suppress="own"))
    assert "second-context-root" in {finding.rule for finding in own.findings}
    assert own.silenced == ()


def test_a_silenced_finding_that_breaks_no_proxy_keeps_nothing_from_the_trial() -> None:
    """Else a comment on a small thing would hide what only the trial sees."""
    text = STACK.replace("http://", "").replace('"80 80"', "80")
    small = text.replace("    networks: [front]\n", "    networks: [front, nowhere]\n", 1)
    bad = small.replace("app.example.org", "$${x")
    before = check(bad)
    rules = {f.rule for f in before.findings if f.breaks is Breaks.PROXY}
    assert rules
    assert {f.rule for f in check(with_line(5, ask("undeclared-network"), bad)).findings} >= rules


def test_many_processes_say_what_one_says(tmp_path: Path) -> None:
    files = []
    for number in range(30):
        text = STACK.replace("example.org", f"{number}.example.org").replace("http://api", "api").replace("80 80", "80")
        text = with_line(number % 19 + 1, ask(), text) if number % 3 else text
        files.append([read(text.encode(), f"{number:02}.yml")])
    one = check_stacks(files, make_options(stack_name="shop", processes=1))
    several = check_stacks(files, make_options(stack_name="shop", processes=3))
    assert one.findings == several.findings
    assert one.silenced == several.silenced
    assert len(one.silenced) > 5


def asked(text: str) -> tuple[Suppression, ...]:
    return suppressions(read(text.encode(), "x"))


def test_no_more_than_a_thousand_count() -> None:
    many = "".join(f"  s{n}: {{image: x}}  {ask()}\n" for n in range(1500))
    found = asked("services:\n" + many)
    assert len(found) == 1001
    assert found[-1].problem == "many"


def test_nothing_of_it_is_loaded_for_a_file_without_such_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for module in [name for name in sys.modules if "suppression" in name or name == "lblint.lint.suppressions"]:
        monkeypatch.delitem(sys.modules, module)
    check(STACK)
    assert not [name for name in sys.modules if "suppression" in name or name == "lblint.lint.suppressions"]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "stack.yml"
    path.write_text(with_line(2, ask(RULE, "invalid-port")))
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["check", "-n", "shop", *words, "stack.yml"])
    return code, capsys.readouterr().out


def test_the_command_line(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys)
    assert code == 0
    assert text.endswith("; 3 suppressed, of which 3 would break the proxy\n")
    assert "they know" not in text
    code, text = run(capsys, "--show-suppressed")
    assert code == 0
    assert text.count("reason: they know (line 2)") == 3
    assert run(capsys, "--suppress", "own")[0] == 1
    assert run(capsys, "--suppress=none")[0] == 1


def test_reports_of_it(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(run(capsys, "--format", "json")[1])
    assert document["summary"]["suppressed"] == len(document["suppressed"]) == 3
    assert document["suppressed"][0]["suppression"] == {"kind": "comment", "reason": "they know", "line": 2}
    (sarif,) = json.loads(run(capsys, "--format", "sarif")[1])["runs"]
    quiet = [one for one in sarif["results"] if "suppressions" in one]
    assert [one["suppressions"] for one in quiet] == [[{"kind": "inSource", "justification": "they know"}]] * 3
    for name in ("jsonl", "github", "gitlab", "junit", "checkstyle", "rdjson"):
        code, text = run(capsys, "--format", name)
        assert code == 0, name
        assert RULE not in text, name


def test_from_python(stack: Path) -> None:
    import lblint

    assert RULE not in {f.rule for f in lblint.check("stack.yml", stack_name="shop")}
    assert RULE in {f.rule for f in lblint.check("stack.yml", stack_name="shop", suppress="own")}


UNSET = """services:
  web:
    image: nginx:1.27
    command: ["a", "$TAG", "b$TAG"]
    hostname: $TAG
"""


def places(text: str) -> list[tuple[int, list[int]]]:
    """Where the rule on unset variables finds something: the line of each finding and those of its further places."""
    found = [finding for finding in check(text, env={}).findings if finding.rule == "unset-variable"]
    return [(finding.position.line, [other.position.line for other in finding.related]) for finding in found]


def test_a_comment_silences_one_place_of_a_finding_with_several() -> None:
    comment = "# lblint: ignore[unset-variable] -- set by the pipeline"
    assert places(UNSET) == [(4, [4, 5])]
    assert places(with_line(4, comment, UNSET)) == [(5, [])]
    assert places(with_line(5, comment, UNSET)) == [(4, [4])]
    assert places(with_line(5, comment, with_line(4, comment, UNSET))) == []
