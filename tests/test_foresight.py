"""What `docker stack deploy` came to on a real Swarm, row by row, is foreseen from the files alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from fixture import FIXTURES

from lblint.finding import Finding, Severity, Stage
from lblint.lint import check_stacks, make_options
from lblint.rules import RULES
from lblint.source import read

CASES = FIXTURES / "cases"
NEEDS_THE_CLUSTER = {
    "166-net-external-missing.yml": "an external network exists or not, in the Swarm alone",
    "176-net-driver-unknown.yml": "a network driver may be a plugin of the managers",
}
"""Rows that failed for a reason that is in no file, with that reason."""


def _rows() -> list[dict[str, str]]:
    with (CASES / "DEPLOY.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _env() -> dict[str, str]:
    lines = (CASES / "ENV").read_text("utf-8").split()
    return {"PATH": "/usr/bin", "HOME": "/root", **dict(line.partition("=")[::2] for line in lines)}


def _errors(name: str) -> list[Finding]:
    """The errors on a case, checked as it was deployed: by its stack's name, with the variables of ENV."""
    paths = [CASES / name, *sorted(CASES.glob(f"{Path(name).stem}.over*.yml"))]
    sources = [read(path.read_bytes(), path.name) for path in paths]
    options = make_options(stack_name="sem" + name[:3], env=_env(), base=str(CASES))
    return [f for f in check_stacks([sources], options).findings if f.severity is Severity.ERROR]


ROWS = _rows()
ACCEPTED = [pytest.param(row["file"], id=row["file"][:-4]) for row in ROWS if row["stage"] == "accepted"]
REFUSED = [
    pytest.param(row["file"], row["stage"], id=row["file"][:-4])
    for row in ROWS
    if row["stage"] != "accepted" and row["file"] not in NEEDS_THE_CLUSTER
]


def test_there_is_a_row_for_each_case_that_loads() -> None:
    assert len(ROWS) == len(ACCEPTED) + len(REFUSED) + len(NEEDS_THE_CLUSTER) > 100


@pytest.mark.parametrize("file", ACCEPTED)
def test_what_was_accepted_has_no_error_but_of_tasks(file: str) -> None:
    """Managers accept what no task can run with, which is an error of lblint all the same."""
    assert [f"{f.rule}: {f.message}" for f in _errors(file) if RULES[f.rule].stage is not Stage.TASKS] == []


@pytest.mark.parametrize(("file", "stage"), REFUSED)
def test_what_was_refused_has_an_error_of_that_stage(file: str, stage: str) -> None:
    found = {str(RULES[finding.rule].stage) for finding in _errors(file)}
    assert stage in found
