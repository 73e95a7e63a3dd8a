"""The stack reader against the oracle cases: docker's verdict, docker's words, docker's output."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from lblint.source import read
from lblint.stack import Stack, client, dump, load

ROOT = Path(__file__).parent.parent / "fixtures" / "cases"
# Deploy, which 20.10 was asked for, words this one differently than config.
OTHER_WORDS = {"Compose file contains unsupported options:": "Configuration contains forbidden properties"}


class Case(NamedTuple):
    """A row of an EXPECT file: the files, whether docker refuses them, and its first line."""

    folder: Path
    files: tuple[str, ...]
    refused: bool
    said: str


def cases(folder: Path, table: str) -> Iterator[Case]:
    """Read a table of expectations."""
    with open(folder / table, encoding="utf-8", newline="") as file:
        for names, code, said in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            files = tuple(names.split(" "))
            over = files[0].removesuffix(".yml") + ".over.yml"
            if len(files) == 1 and (folder / over).exists():
                files += (over,)
            yield Case(folder, files, code != "0", said)


def environment() -> dict[str, str]:
    """The variables that the cases were run with."""
    env = {"PATH": os.defpath, "HOME": "/root"}
    for line in (ROOT / "ENV").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        env[name] = value
    return env


def loaded(case: Case, version: str) -> Stack:
    """The stack of a case, for a client."""
    paths = [case.folder / name for name in case.files]
    dialect = client(version).dialect
    sources = [read(path.read_bytes(), str(path), dialect) for path in paths]  # type: ignore[arg-type]
    return load(sources, "sem", environment(), version)


def first_lines(stack: Stack, folder: Path) -> list[str]:
    """The first line of each refusal, as the tables have it."""
    return [fault.docker.split("\n")[0].replace(str(folder), "{DIR}") for fault in stack.faults if fault.docker]


def by_name(case: Case) -> str:
    return case.files[0].removesuffix(".yml")


NEWEST = [*cases(ROOT, "EXPECT.tsv"), *cases(ROOT / "shrunk", "EXPECT.tsv")]
OLD = list(cases(ROOT, "EXPECT-cli20.10.tsv"))


@pytest.mark.parametrize("case", NEWEST, ids=by_name)
def test_verdict_and_words_of_client_28(case: Case) -> None:
    stack = loaded(case, "28.2.2")
    told = first_lines(stack, case.folder)
    assert stack.refused == case.refused, told
    if case.refused:
        assert case.said in told


@pytest.mark.parametrize("case", OLD, ids=by_name)
def test_verdict_and_words_of_client_20_10(case: Case) -> None:
    stack = loaded(case, "20.10.24")
    told = first_lines(stack, case.folder)
    assert stack.refused == case.refused, told
    if case.refused:
        assert OTHER_WORDS.get(case.said, case.said) in told


@pytest.mark.parametrize("case", [case for case in NEWEST if not case.refused], ids=by_name)
def test_dump_is_what_docker_prints(case: Case) -> None:
    number = case.files[0].partition("-")[0]
    expected = (case.folder / "out" / f"{number}.out").read_text(encoding="utf-8")
    assert dump(loaded(case, "")).replace(str(case.folder), "{DIR}") == expected


def test_every_output_belongs_to_a_case() -> None:
    for folder in (ROOT, ROOT / "shrunk"):
        numbers = {case.files[0].partition("-")[0] for case in NEWEST if case.folder == folder and not case.refused}
        assert {path.stem for path in (folder / "out").iterdir()} == numbers
