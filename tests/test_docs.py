"""The documentation says what the program does: its generated parts are what the code gives today.

`pytest tests/test_docs.py --update` writes them.
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import documents
import manpage
import pytest
from documents import FILES, anchors, fill, label_pages, rows, rule_pages, settings_schema
from fixture import ROOT
from stacks import GOOD

import lblint
from lblint.cli import main
from lblint.cli.commands import COMMANDS, app
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_UNCHECKED, EXIT_UNSETTLED

README = (ROOT / "README.md").read_text("utf-8")
LINKED = (*FILES, *sorted((ROOT / "docs" / "rules").glob("*.md")), *sorted((ROOT / "docs" / "labels").glob("*.md")))
EVERY_FILE = pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in FILES])


@pytest.mark.parametrize("name", ["Jenkinsfile", "Makefile", "gitlab-ci.yml", "github-workflow.yml"])
def test_an_example_can_be_copied_from_its_page(name: str) -> None:
    """With every tab of it."""
    text = (ROOT / "examples" / name).read_text("utf-8").rstrip("\n")
    assert f"\n{text}\n```" in (ROOT / "docs" / "pipelines.md").read_text("utf-8")


def test_ci_builds_the_site_with_warnings_as_errors() -> None:
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "[test,lint,docs]" in ci
    (command,) = re.findall(r"^sphinx-build (.*)$", ci, re.MULTILINE)
    assert "-W" in command.split()
    assert command.endswith("|| failed+=(documentation)")


@EVERY_FILE
def test_generated_parts_are_up_to_date(path: Path, update: bool) -> None:
    text = path.read_text("utf-8")
    filled = fill(path)
    if update:
        path.write_text(filled, "utf-8")
        text = filled
    assert text == filled, "run: pytest tests/test_docs.py --update"


@pytest.mark.parametrize("kind", ["rules", "labels"])
def test_pages_of_rules_and_labels_are_up_to_date(kind: str, update: bool) -> None:
    pages = rule_pages() if kind == "rules" else label_pages()
    folder = ROOT / "docs" / kind
    if update:
        folder.mkdir(exist_ok=True)
        for stale in set(folder.iterdir()) - set(pages):
            stale.unlink()
        for path, text in pages.items():
            path.write_text(text, "utf-8")
    assert {path: path.read_text("utf-8") for path in sorted(folder.iterdir())} == pages, "run it with --update"


def test_the_schema_of_the_settings_is_up_to_date(update: bool) -> None:
    path = ROOT / "schemas" / "lblint.schema.json"
    if update:
        path.write_text(settings_schema(), "utf-8")
    assert path.read_text("utf-8") == settings_schema(), "run it with --update"


def test_the_manual_page_is_up_to_date(update: bool) -> None:
    path = ROOT / "docs" / "lblint.1"
    if update:
        path.write_text(manpage.render(), "utf-8")
    text = path.read_text("utf-8")
    assert text == manpage.render(), "run it with --update"
    groff = ["groff", "-man", "-Tutf8", "-wall", "-z"]
    if shutil.which("groff"):
        assert subprocess.run(groff, input=text, capture_output=True, text=True, check=True).stderr == ""


@pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}/{path.name}") for path in LINKED])
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        found = path.parent / file if file else path
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_has_help(name: str) -> None:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert command.help
    assert f"lblint {name}" in README
    below = command.commands.values() if isinstance(command, click.Group) else ()
    for one in (command, *below):
        assert one.help
        for option in one.params:
            if isinstance(option, click.Option):
                assert option.help, option.name


def test_readme_tells_the_exit_codes() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == {0, EXIT_FINDINGS, EXIT_UNCHECKED, EXIT_UNSETTLED, EXIT_INTERRUPTED}


def test_files_and_rules_that_the_readme_names_exist() -> None:
    for file in re.findall(r"fixtures/[\w./-]+\.yml", README):
        assert (ROOT / file).is_file(), file
    for name in re.findall(r"lblint explain ([a-z0-9-]+)  ", README):
        assert any((ROOT / "fixtures" / kind / name).is_dir() for kind in ("rules", "topics")), name


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"^\.venv/bin/(pytest.*)$", README, re.MULTILINE)
    assert command is not None
    assert f"\n{command[1]} " in (ROOT / ".ci" / "run").read_text("utf-8")


def test_versions_agree() -> None:
    assert f"rev: v{lblint.__version__}" in README
    assert f"## {lblint.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a developer's machine in what a user reads."""
    for path in (*FILES, ROOT / "CHANGELOG.md", *(ROOT / "fixtures").rglob("*.out")):
        assert not re.search(r"(?<![\w.])/(home|work|opt|root|tmp|Users)/\w", path.read_text("utf-8")), path


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the README speaks of."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "DOCKER_CONFIG"):  # what a command writes stays in this folder
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "deploy").mkdir()
    for name in ("stack.yml", "base.yml", "deploy/stack.yml"):
        (tmp_path / name).write_text(GOOD)
    (tmp_path / ".lblint.yml").write_text("domains: [shop.example.com]\n")
    (tmp_path / "config.toml").write_text("[Extensions.default]\nProxyReplicas = 2\n")
    (tmp_path / "known.json").write_text('{"schema": 1, "findings": []}\n')
    (tmp_path / "prod.yml").write_text("services:\n  web:\n    deploy: {replicas: 3}\n")
    return tmp_path


USAGE = re.findall(r"^(?:.*\| )?lblint ([^#\n]+?) *#", README.partition("\n### ")[0], re.MULTILINE)
"""The commands of "Use it"; those of the sections below it are run by test_start.py."""
NEEDS_A_SWARM = re.compile(r"(deploy|gate|guard|rm|status|interlock|lsp|probe)\b|.*--live")
"""Or a partner of another kind."""


@pytest.mark.parametrize("line", [line for line in USAGE if not NEEDS_A_SWARM.match(line)])
def test_commands_of_the_readme_run(shop: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    if line == "init":  # which writes them
        (shop / ".lblint.yml").unlink()
    assert main(shlex.split(line)) == 0


@pytest.mark.parametrize("line", USAGE)
def test_commands_of_the_readme_are_understood(line: str) -> None:
    name, *words = shlex.split(line)
    command = app.get_command(click.Context(app), name)
    assert command is not None
    with command.make_context(name, words, help_option_names=["-h", "--help"]):
        pass


def test_python_of_the_readme_runs(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    exec(code, {})
    assert capsys.readouterr().out.startswith("stack.yml 11 info ")


def test_examples_fit_a_page() -> None:
    examples = [path for name in ("bad.yml", "good.yml") for path in (ROOT / "fixtures" / "rules").glob(f"*/{name}")]
    assert [path for path in examples if path.read_text("utf-8", "replace").count("\n") > 32] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {str(path.relative_to(ROOT / "docs")) for path in FILES if path.is_relative_to(ROOT / "docs")}
    assert pages - {"README.md"} <= set(re.findall(r"\]\(([^)#]+\.md)\)", index))


PEERS, SHOWN = (rows(part) for part in (ROOT / "docs" / "peers.md").read_text("utf-8").split("\n## Tests\n"))


def test_beside_its_peers_lblint_stands_first_and_says_yes_or_no() -> None:
    head, *features = PEERS.values()
    assert head[0] == "lblint"
    assert [row[0] for row in features if not re.match(r"(yes|no)\b", row[0])] == []


def test_every_yes_beside_its_peers_is_held_by_tests_that_exist() -> None:
    claimed = {feature for feature, row in PEERS.items() if row[0].startswith("yes")}
    assert set(SHOWN) - {"feature"} == claimed
    for feature in claimed:
        (cell,) = SHOWN[feature]
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", cell)
        assert named, feature
        assert cell.count("`") == 2 * len(named), f"{feature}: not all of it is read as the name of a test"
        for file, test in named:
            assert test in documents.tests_in(file), f"{feature}: {file} has no {test}; docs/peers.md names it"


@pytest.mark.parametrize(("feature", "file"), [("GitHub Action", "action.yml"), ("docker image", "Dockerfile")])
def test_no_beside_its_peers_is_so(feature: str, file: str) -> None:
    said = PEERS[feature][0].startswith("yes")
    assert said is (ROOT / file).exists(), f"docs/peers.md: {feature}: yes, with a row of tests, where there is {file}"
