"""Whatever a stack file holds, its fixes keep what they promise. `bench/fuzz_fixes.py` does the same at length."""

from __future__ import annotations

import random
import sys

import pytest
from conftest import docker_client
from fixture import FIXTURES, ROOT, mains, options

sys.path.append(str(ROOT / "bench"))

from fuzz_fixes import faults, mutant, seeds

SEEDS = seeds()


def check(seed: int, docker: str = "") -> None:
    dice = random.Random(seed)
    texts, given, name = mutant(dice, SEEDS)
    found, _ = faults(texts, given, dice.random() < 0.5, docker)
    assert found == [], "\n=====\n".join([name, *texts])


@pytest.mark.parametrize("start", range(0, 400, 40))
def test_damaged_stacks(start: int) -> None:
    for seed in range(start, start + 40):
        check(seed)


@pytest.mark.needs_docker28
def test_docker_takes_what_it_took_and_reads_the_rest_alike() -> None:
    for seed in range(1000, 1060):
        check(seed, docker_client("28") or "")


def test_the_damage_is_not_in_vain() -> None:
    """Most of it has fixes, or the tests above would show nothing."""
    done = [faults(*mutant(random.Random(seed), SEEDS)[:2], True)[1].done for seed in range(100)]
    assert sum(map(bool, done)) > 30
    assert {fix.safe for some in done for _, fix in some} == {True, False}


def test_the_examples_of_rules() -> None:
    for path in mains(FIXTURES / "rules", "*/bad*.yml"):
        files = [path, *path.parent.glob(f"{path.stem}.over.yml")]
        texts = [one.read_bytes().decode("utf-8", "replace") for one in files]
        for unsafe in (False, True):
            assert faults(texts, options(path)[0], unsafe)[0] == [], path
