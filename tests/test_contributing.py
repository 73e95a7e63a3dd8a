"""CONTRIBUTING.md: its example of a new rule works as it is written."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from fixture import ROOT
from test_journeys import check, copied

PAGE = ROOT / "CONTRIBUTING.md"


def block(language: str, start: str) -> str:
    """The one code block of a language that begins with some text."""
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (found,) = (text for text in map(textwrap.dedent, blocks) if text.startswith(start))
    return found


def test_the_rule_of_the_page_finds_its_bad_example_and_passes_the_good_one(tmp_path: Path) -> None:
    folder = copied(tmp_path / "checkout")
    (folder / "fixtures" / "rules").mkdir(parents=True)
    shutil.copytree(ROOT / "docs" / "topics", folder / "docs" / "topics")
    (folder / "lblint" / "rules" / "limits.py").write_text(block("python", '"""Rules on'))
    subprocess.run(["bash", "-ec", block("sh", "mkdir fixtures/rules/")], cwd=folder, check=True)
    words = ("--no-config", "--select", "limits-missing", "--fail-on", "info")
    examples = folder / "fixtures" / "rules" / "limits-missing"
    bad = check(sys.executable, folder, "check", *words, str(examples / "bad.yml"))
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "info: web has no deploy.resources.limits [limits-missing]" in bad.stdout
    good = check(sys.executable, folder, "check", *words, str(examples / "good.yml"))
    assert (good.returncode, good.stderr) == (0, "")
    (examples / "bad.out").write_text(bad.stdout)  # step 3 writes it
    explained = check(sys.executable, folder, "explain", "limits-missing")
    assert "A service has no limits for its resources." in explained.stdout
    for wrong in ("deploy: [1]", "deploy: {resources: [1]}", "deploy: x"):  # a rule meets what docker refuses, too
        file = folder / "wrong.yml"
        file.write_text(f"services:\n  web:\n    image: example/web:1\n    {wrong}\n")
        done = check(sys.executable, folder, "check", "--no-config", str(file))
        assert (done.returncode, done.stderr) == (1, ""), wrong
