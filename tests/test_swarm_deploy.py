"""On a real Swarm: a deploy stops where it was foretold, and leaves behind what was foretold.

The fixtures of all rules that foretell something of the deploy are deployed, a sample of the oracle cases, and random
stacks. More of these: `python bench/fuzz_deploy.py`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from deployable import generate, lay_out
from fixture import FIXTURES, mains
from swarm import Deployed, Foretold, Swarm, foretell, swarm

from lblint import rules
from lblint.stack import Stack

__all__ = ["swarm"]

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28]

RULES = rules.load()
CASES = FIXTURES / "cases"
SAMPLE = [
    "001-version-missing",
    "133-port-long-published-70000",
    "136-port-duplicate-published",
    "140-port-conflict-two-services",
    "145-vol-undefined",
    "158-vol-duplicate-target",
    "173-net-two-keys-one-name",
    "175-net-driver-bridge",
    "178-net-name-predefined",
    "181-net-ipam-bad-subnet",
    "184-secret-undefined",
    "187-secret-file-missing-unused",
    "188-secret-file-empty",
    "203-image-uppercase",
    "224-mode-global-replicas",
    "227-constraint-single-equals",
    "238-service-name-case-clash",
]
"""Cases of all stages; the fixtures of the rules do the rest."""
BEFORE_THE_OBJECTS = ("secret-file-unreadable",)
"""Rules at whose fault docker stops among the secrets and configs, not behind them."""


def _networks(stack: Stack) -> set[str]:
    """What docker creates of networks, the undeclared ones included."""
    made = {str(n.name) for n in stack.networks.values() if n.used and not n.external}
    used = {attachment.network for service in stack.services for attachment in service.networks}
    return made | {f"{stack.name}_{key}" for key in used - set(stack.networks)}


def _check_what_was_left(foretold: Foretold, deployed: Deployed) -> None:
    stack = foretold.stack
    stage = deployed.stage
    services = {str(service.name) for service in stack.services}
    secrets = {str(item.name) for item in stack.secrets.values() if not item.external}
    configs = {str(item.name) for item in stack.configs.values() if not item.external}
    left = deployed
    if stage == "accepted":
        assert left.services == services
    elif stage == "manager-service":
        assert left.services < services, "not all services, if any"
    else:
        assert not left.services
    if stage == "client-before":
        assert not left.networks | left.secrets | left.configs
    elif stage == "manager-network":
        assert not left.secrets | left.configs
        assert left.networks < _networks(stack)
    else:
        assert left.networks == _networks(stack)
    if stage in ("accepted", "manager-service") or (
        stage == "client-midway" and not foretold.rules & set(BEFORE_THE_OBJECTS)
    ):
        assert (left.secrets, left.configs) == (secrets, configs)


@pytest.mark.parametrize("case", SAMPLE)
def test_case(swarm: Swarm, case: str) -> None:
    paths = [CASES / f"{case}.yml"]
    env = dict(line.partition("=")[::2] for line in (CASES / "ENV").read_text("utf-8").split())
    foretold = foretell(paths, "sem" + case[:3], {"HOME": "/root", **env})
    deployed = swarm.deploy("sem" + case[:3], paths, env)
    assert deployed.stage in foretold.stages, deployed.said
    _check_what_was_left(foretold, deployed)


def _deployable(path: Path) -> bool:
    """Whether a fixture is one for the client, the name and the cluster of these tests, which has no Interlock."""
    first = path.read_text("utf-8").partition("\n")[0]
    return not any(option in first for option in ("--client", "--stack-name", "--interlock-config"))


FORETOLD = [
    pytest.param(path, id=f"{path.parent.name}/{path.stem}")
    for rule in RULES.values()
    if rule.stage is not None
    for path in mains(FIXTURES / "rules" / rule.id, "bad*.yml")
    if _deployable(path)
]


@pytest.mark.parametrize("path", FORETOLD)
def test_fixture_of_a_rule(swarm: Swarm, path: Path) -> None:
    text = path.read_text("utf-8")
    first = text.partition("\n")[0]
    env = dict(re.findall(r"([A-Z]+)=(\S*)", first)) if first.startswith("# with:") else {}
    paths = [path, *sorted(path.parent.glob(f"{path.stem}.over*.yml"))]
    name = "fix-" + path.parent.name[:24].strip("-")
    foretold = foretell(paths, name, env)
    deployed = swarm.deploy(name, paths, env)
    assert deployed.stage in foretold.stages, deployed.said
    _check_what_was_left(foretold, deployed)


@pytest.mark.parametrize("seed", range(40))
def test_generated_stack(swarm: Swarm, tmp_path: Path, seed: int) -> None:
    lay_out(tmp_path)
    name, data = generate(seed)
    path = tmp_path / "stack.yml"
    path.write_text(json.dumps(data), "utf-8")
    foretold = foretell([path], name, {"HOME": "/root"})
    deployed = swarm.deploy(name, [path], {})
    assert deployed.stage in foretold.stages, deployed.said
