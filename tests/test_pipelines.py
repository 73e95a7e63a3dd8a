"""The files that bring lblint into pipelines: read by the schemas of their services, and their steps run by a shell."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from fixture import ROOT
from formatschemas import SARIF
from ruamel.yaml import YAML
from shipped import repository
from stacks import BAD, GOOD

import lblint

ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "templates" / "lblint.yml"
EXAMPLES = ROOT / "examples"


def documents(path: Path) -> list[Any]:
    """The documents of a YAML file."""
    return list(YAML(typ="safe", pure=True).load_all(path.read_text("utf-8")))


def check_schema(name: str, document: Any) -> None:
    """Hold a document against one of the schemas that check-jsonschema brings along."""
    text = files("check_jsonschema").joinpath("builtin_schemas", "vendor", f"{name}.json").read_text("utf-8")
    schema = json.loads(text)
    jsonschema.validators.validator_for(schema)(schema).validate(document)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A user's repository with a good and a bad stack."""
    folder = tmp_path / "shop"
    (folder / "deploy").mkdir(parents=True)
    (folder / "deploy" / "shop.stack.yml").write_text(GOOD)
    (folder / "bad stack.yml").write_text(BAD.replace("shop.example.com", "bad.example.com"))
    return folder


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with lblint and python3 as a pipeline finds them on PATH."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "lblint").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m lblint "$@"\n')
    (folder / "lblint").chmod(0o755)
    return folder


def on(path: Path, **more: str) -> dict[str, str]:
    """An environment with the folder first on PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI", "LBLINT_"))}
    kept["PYTHONPATH"] = str(Path(lblint.__file__).parent.parent)
    return {**kept, "PATH": f"{path}{os.pathsep}{kept['PATH']}", **more}


def run(script: str, shell: list[str], folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a step's script as a runner does: from a file."""
    file = folder.parent / "step.sh"
    file.write_text(script)
    return subprocess.run([*shell, str(file)], cwd=folder, env=env, capture_output=True, text=True, check=False,
                          timeout=300)  # fmt: skip


BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""What GitHub's runner calls for `shell: bash`."""


def test_the_action_is_one_to_github() -> None:
    (action,) = documents(ACTION)
    check_schema("github-actions", action)
    (workflow,) = documents(EXAMPLES / "github-workflow.yml")
    check_schema("github-workflows", workflow)
    (step,) = (step for step in workflow["jobs"]["lblint"]["steps"] if step.get("id") == "lblint")
    assert set(step["with"]) <= set(action["inputs"])
    assert set(re.findall(r"steps\.lblint\.outputs\.([\w-]+)", (EXAMPLES / "github-workflow.yml").read_text())) <= set(
        action["outputs"]
    )


def test_no_input_is_written_into_a_script() -> None:
    (action,) = documents(ACTION)
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text("utf-8")))
    assert used == set(action["inputs"])


class Runner:
    """Runs the steps of the action as GitHub's runner does, up to the first that fails."""

    def __init__(self, shop: Path, source: Path) -> None:
        (self.action,) = documents(ACTION)
        self.shop, self.source = shop, source
        self.temp = shop.parent / "temp"
        self.temp.mkdir(exist_ok=True)
        self.output = self.temp / "output"

    def value(self, text: str, inputs: dict[str, str]) -> str:
        """An expression's value, of the two kinds that the action uses."""
        given = {name: one["default"] for name, one in self.action["inputs"].items()} | inputs
        text = text.replace("${{ github.action_path }}", str(self.source))
        return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], text)

    def steps(self, only: str = "", **inputs: str) -> Iterator[subprocess.CompletedProcess[str]]:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        self.output.write_text("")
        for step in self.action["runs"]["steps"]:
            if only and step.get("id") != only:
                continue
            env = {name: self.value(text, given) for name, text in step["env"].items()}
            # A venv's own variables and the tests' path are not those of a runner.
            plain = on(self.temp, **env, RUNNER_TEMP=str(self.temp), GITHUB_OUTPUT=str(self.output))
            done = run(step["run"], BASH, self.shop, {k: v for k, v in plain.items() if k != "PYTHONPATH"})
            yield done
            if done.returncode:
                return

    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action's checkout, and a RUNNER_TEMP in which its first step has installed lblint."""
    folder = tmp_path_factory.mktemp("action")
    repository(folder / "lblint")
    (folder / "shop").mkdir()
    runner = Runner(folder / "shop", folder / "lblint")
    done = next(runner.steps(python=sys.executable))
    assert done.returncode == 0, done.stdout + done.stderr
    return runner.temp


@pytest.fixture
def runner(shop: Path, installed: Path) -> Runner:
    """A runner on which lblint is installed."""
    made = Runner(shop, installed.parent / "lblint")
    made.temp.rmdir()
    made.temp.symlink_to(installed)
    return made


def test_the_action_annotates_and_writes_sarif(runner: Runner) -> None:
    (done,) = runner.steps("check")
    assert done.returncode == 1, done.stderr
    assert "::error file=bad stack.yml,line=7," in done.stdout
    found = runner.outputs()
    log = json.loads((runner.shop / "lblint.sarif").read_text())
    jsonschema.Draft202012Validator(SARIF).validate(log)
    assert found == {"exit-code": "1", "findings": str(len(log["runs"][0]["results"])), "sarif": "lblint.sarif"}
    assert int(found["findings"]) > 1


def test_the_action_passes_what_is_clean(runner: Runner) -> None:
    (done,) = runner.steps("check", files="deploy", sarif="out/all.sarif")
    assert done.returncode == 2, "there is no such folder"
    (done,) = runner.steps("check", files="deploy\n", sarif="all.sarif")
    assert (done.returncode, done.stderr) == (0, "")
    assert runner.outputs()["exit-code"] == "0"
    (done,) = runner.steps("check", files="deploy\nbad stack.yml", args="--select=no-such-rule")
    assert done.returncode == 2
    assert runner.outputs() == {"exit-code": "2", "findings": "0", "sarif": "lblint.sarif"}


def test_the_action_hands_arguments_on_line_by_line(runner: Runner) -> None:
    (done,) = runner.steps("check", files="deploy", args="--stack-name\nother name", fail_on="info")
    assert done.returncode == 1
    assert "other name" in done.stdout


EVIL = [
    "$(touch evil)",
    "`touch evil`",
    "; touch evil",
    "--output=evil",
    "-oevil",
    "x\n$(touch evil)",
    '";touch evil;"',
]


@pytest.mark.parametrize("text", EVIL)
def test_what_a_stranger_writes_is_not_run(runner: Runner, text: str) -> None:
    for inputs in ({"files": text}, {"sarif": text}, {"fail_on": text}, {"version": text}, {"files": f".\n{text}"}):
        list(runner.steps("" if "version" in inputs else "check", **inputs, python=sys.executable))
        assert not (runner.shop / "evil").exists() or inputs == {"sarif": text}
        assert set(runner.outputs()) <= {"exit-code", "findings", "sarif"}


def test_the_action_says_what_it_lacks(runner: Runner) -> None:
    old = runner.shop.parent / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = list(runner.steps(python=str(old)))
    assert [step.returncode for step in done] == [2]
    assert done[0].stdout.startswith("::error::lblint needs Python 3.11 or newer")
    (done,) = runner.steps("check", sarif="a\nfindings=0")
    assert done.returncode == 2
    assert done.stdout.startswith("::error::the input sarif")


def test_the_gitlab_template_is_one_to_gitlab() -> None:
    header, template = documents(TEMPLATE)
    check_schema("gitlab-ci", template)
    used = set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", TEMPLATE.read_text("utf-8")))
    assert used == set(header["spec"]["inputs"])
    (example,) = documents(EXAMPLES / "gitlab-ci.yml")
    check_schema("gitlab-ci", example)
    (include,) = example["include"]
    needed = {name for name, one in header["spec"]["inputs"].items() if "default" not in one}
    assert needed <= set(include["inputs"]) <= set(header["spec"]["inputs"])
    assert include["component"].rpartition("@")[0].endswith(f"/{TEMPLATE.stem}")


def test_the_gitlab_job_writes_its_reports(shop: Path, program: Path) -> None:
    header, template = documents(TEMPLATE)
    job = template["lblint"]
    given = {"files": "deploy bad*.yml", "args": "--client 28"}

    def value(text: str) -> str:
        default = {name: one.get("default", "") for name, one in header["spec"]["inputs"].items()}
        return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda match: (default | given)[match[1]], text)

    env = on(program, **{name: value(text) for name, text in job["variables"].items()})
    (shop / "bad stack.yml").rename(shop / "bad-stack.yml")
    done = run("\n".join(job["script"]), ["sh", "-e"], shop, env)
    assert done.returncode == 1, done.stderr
    reports = job["artifacts"]["reports"]
    assert job["artifacts"]["when"] == "always"
    quality = json.loads((shop / reports["codequality"]).read_text())
    assert {issue["location"]["path"] for issue in quality} == {"deploy/shop.stack.yml", "bad-stack.yml"}
    suites = ElementTree.parse(shop / reports["junit"]).getroot()
    assert {suite.get("name") for suite in suites.iter("testsuite")} == {"deploy/shop.stack.yml", "bad-stack.yml"}
    given["files"] = "$(touch evil) `touch evil`;touch${IFS}evil"
    env = on(program, **{name: value(text) for name, text in job["variables"].items()})
    assert run("\n".join(job["script"]), ["sh", "-e"], shop, env).returncode == 2
    assert not (shop / "evil").exists()


def braces(text: str) -> Iterator[tuple[str, int]]:
    """The blocks of a Jenkinsfile, each with its depth; raises where they are not balanced."""
    open_blocks: list[str] = []
    for word in re.findall(r"'(?:[^'\\]|\\.)*'|[{}()\[\]]|[\w.]+(?=\s*(?:\('[^']*'\)\s*)?\{)", text):
        if word in "{([":
            open_blocks.append(word)
        elif word in "})]":
            assert open_blocks.pop() + word in ("{}", "()", "[]")
        elif not word.startswith("'"):
            yield word, len(open_blocks)
    assert not open_blocks


def test_the_jenkinsfile_is_declarative_and_its_step_runs(shop: Path, program: Path) -> None:
    text = (EXAMPLES / "Jenkinsfile").read_text("utf-8")
    blocks = list(braces(text))
    assert blocks[0] == ("pipeline", 0)
    assert {name for name, depth in blocks if depth == 1} == {"agent", "stages", "post"}
    (step,) = re.findall(r"^ +sh '([^']+)'$", text, re.MULTILINE)
    done = run(step, ["sh", "-xe"], shop, on(program))
    assert done.returncode == 0, done.stderr
    for pattern in (*re.findall(r"junit '([^']+)'", text), *re.findall(r"pattern: '([^']+)'", text)):
        assert ElementTree.parse(shop / pattern).getroot().tag in ("testsuites", "checkstyle")


def test_the_makefile_checks_and_deploys(shop: Path, program: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make")
    shutil.copy(EXAMPLES / "Makefile", shop)
    env = on(program)

    def make(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["make", *words], cwd=shop, env=env, capture_output=True, text=True, check=False)

    assert make("check").returncode == 0
    assert "lblint deploy --compose-file deploy/shop.stack.yml shop" in make("-n", "deploy-shop").stdout
    (shop / "deploy" / "bad.stack.yml").write_text((shop / "bad stack.yml").read_text())
    stopped = make("deploy-shop")
    assert stopped.returncode == 2
    assert "invalid-host" in stopped.stdout
    assert "lblint deploy" not in stopped.stdout


def test_pre_commit_config_names_hooks_and_options_that_exist() -> None:
    from lblint.cli import check_arguments

    (hooks,) = documents(ROOT / ".pre-commit-hooks.yaml")
    (config,) = documents(EXAMPLES / "pre-commit-config.yaml")
    for hook in config["repos"][0]["hooks"]:
        (own,) = (one for one in hooks if one["id"] == hook["id"])
        words = [*own["entry"].split()[1:], *hook["args"]]
        assert hook["args"][-1] == "--"
        assert check_arguments.parse([*words, "stack.yml"]) is not None


def test_the_schema_catalog_names_schemas_and_files() -> None:
    catalog = json.loads((EXAMPLES / "schema-catalog.json").read_text("utf-8"))
    for entry in catalog["schemas"]:
        schema = json.loads((ROOT / "schemas" / entry["url"].rpartition("/")[2]).read_text("utf-8"))
        for path in (ROOT / "fixtures" / "stacks").rglob("stack.yml"):
            if any(fnmatch.fnmatch(path.name, pattern) for pattern in entry["fileMatch"]):
                (stack,) = documents(path)
                jsonschema.validators.validator_for(schema)(schema).validate(stack)


def test_every_example_is_tried() -> None:
    """A file that nobody tries here has no place in the folder."""
    mine = Path(__file__).read_text("utf-8")
    for path in (*EXAMPLES.iterdir(), *TEMPLATE.parent.iterdir()):
        assert path.name in mine
        assert path.name in (ROOT / "docs" / "pipelines.md").read_text("utf-8")
