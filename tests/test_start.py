"""docs/tutorial.md, as a new user follows it: git, pip and pre-commit are the real ones, and every command is run.

`pytest tests/test_start.py --update` writes what they print into the page.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from fixture import ROOT
from shipped import repository

PAGE = ROOT / "docs" / "tutorial.md"
URL = "<the URL of this repository>"
_PART = re.compile(
    r"`(?P<name>[\w./-]+)`:\n\n```yaml\n(?P<text>.*?)^```$|^```console\n(?P<session>.*?)^```$", re.MULTILINE | re.DOTALL
)
"""A file to write, or commands to run."""
_MARK = "\x1e"


def commands(session: str) -> list[str]:
    """The commands of a session, without what they print."""
    return [line.removeprefix("$ ") for line in session.splitlines() if line.startswith("$ ")]


def script(text: str, url: str) -> str:
    """All steps of the page as one script of a shell. What a command prints ends with a mark and its exit code."""
    steps = ["exec 2>&1"]
    for part in _PART.finditer(text):
        if part["name"]:
            steps.append(f"printf %s {shlex.quote(part['text'].replace(URL, url))} > {part['name']}")
        else:
            for command in commands(part["session"]):
                steps += [command.replace(URL, url), f"printf '{_MARK}%d{_MARK}' $?"]
    return "\n".join(steps) + "\n"


def run(text: str, folder: Path) -> list[tuple[str, int]]:
    """What each command of the page prints, and its exit code."""
    repository(folder / "lblint")
    (folder / "gitconfig").write_text("[user]\n\tname = test\n\temail = test@example.com\n")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))}
    env |= {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1", "TERM": "dumb",
            "LC_ALL": "C.UTF-8", "PRE_COMMIT_HOME": str(folder / "cache"), "PRE_COMMIT_COLOR": "never",
            "PIP_QUIET": "3", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"}  # fmt: skip
    url = (folder / "lblint").as_uri()
    done = subprocess.run(["bash"], input=script(text, url).encode(), cwd=folder, env=env, capture_output=True,
                          check=False, timeout=600)  # fmt: skip
    said = done.stdout.decode().replace(url, URL)
    *pairs, rest = said.split(_MARK)
    assert rest == "", rest + done.stderr.decode()
    return [(printed, int(code)) for printed, code in zip(pairs[::2], pairs[1::2], strict=True)]


def filled(text: str, printed: list[tuple[str, int]]) -> str:
    """The page with what the commands print; an exit code that is not 0 is told behind it."""
    answers = iter(printed)

    def session(part: re.Match[str]) -> str:
        if part["name"]:
            return part[0]
        lines = []
        for command in commands(part["session"]):
            said, code = next(answers)
            shown = [*said.rstrip("\n").splitlines(), *([f"(exit code {code})"] if code else [])]
            lines += [f"$ {command}", *shown, *([""] if shown else [])]
        return "\n".join(("```console", *lines)).rstrip("\n") + "\n```"

    return _PART.sub(session, text)


def test_the_readme_has_these_steps() -> None:
    """In this order, and the same file for pre-commit; its comments tell of more."""
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.partition("### From an empty repository")[2].partition("\n### ")[0]
    (shell,) = re.findall(r"^```sh\n(.*?)^```$", section, re.M | re.S)
    (config,) = re.findall(r"^```yaml\n(.*?)^```$", readme, re.M | re.S)
    wanted = iter([re.sub(r"  +# .*", "", line) for line in shell.splitlines()])
    text = PAGE.read_text("utf-8")
    left = next(wanted)
    for command in [one for part in _PART.finditer(text) if not part["name"] for one in commands(part["session"])]:
        left = next(wanted, "") if command == left else left
    assert left == "", "no such step, or not in this order"
    files = {part["name"]: part["text"] for part in _PART.finditer(text) if part["name"]}
    assert re.sub(r"^ *# .*\n", "", config, flags=re.M) == files[".pre-commit-config.yaml"]


def test_every_step_does_what_the_page_shows(tmp_path: Path, update: bool) -> None:
    text = PAGE.read_text("utf-8")
    printed = run(text, tmp_path)
    now = filled(text, printed)
    if update:
        PAGE.write_text(now, "utf-8")
        text = now
    assert text == now, "run: pytest tests/test_start.py --update"
    steps = [command for part in _PART.finditer(text) if not part["name"] for command in commands(part["session"])]
    codes = {command: code for command, (_, code) in zip(steps, printed, strict=True)}
    assert [command for command, code in zip(steps, [code for _, code in printed], strict=True) if code] == [
        "lblint check",  # the old error
        "git commit -q -a -m 'The shop, 1.5'",  # the new one
    ]
    assert codes["git status --short"] == 0
