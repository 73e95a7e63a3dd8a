"""Random stacks that load, with settings that a client or manager may refuse later: for the deploy on a real Swarm.

Of each list the first entry is sound and stands for about half of the choices.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

DURATIONS = ("10s", "0s", "-1s", "1us", "999999ns", "1ms", "1h5m")
CPUS = ("0.5", "1/4", "0.001", "0.0009", "abc", "", "1e-10", "-1", "0", "0x1p-2", "1_0", ".5", "5.")
MEMORY = ("10M", "4M", "4194303", "0", "1k", "5 GiB")
IMAGES = ("lbtest/busybox:1", "Foo/Bar", "a" * 64, "x@sha256:" + "a" * 64, "localhost:5000/a", "a__b", "a..b")
MODES = ("replicated", "global", "global-job", "replicated-job", "Global")
ENDPOINTS = ("vip", "dnsrr", "DNSRR", "foo", "")
CONDITIONS = ("any", "none", "on-failure", "always", "")
ACTIONS = ("pause", "continue", "rollback", "", "foo")
RATIOS = (0.5, 0, 1, 1.5, -0.1)
RESTARTS = ("always", "no", "sometimes", "on-failure:3", "on-failure:x", ":1", "", "no:1", "unless-stopped")
CONSTRAINTS = (
    "node.role == manager", "node.role=manager", "node.role != x", "a==b", "ab==c d", "x y == z", "node.id == {{}}",
    "node.labels.a==\u017f", "node.hostname==a,b", "==", "node.ip==10.0.0.0/8", "\u212ay == v",
)  # fmt: skip
TEMPLATES = (
    "{{.Task.Slot}}", "{{.Foo}}", '{{ index .Service.Labels "a" }}', "{{.Service.Labels.a}}", '{{env "X"}}', "{{",
    "}}", "{{/* a */}}", '{{join "," "a" "b"}}', "{{if true}}x{{end}}", "{{end}}", "{{.Node.Platform.OS}}",
    "{{.Node.OS}}", '{{"x" | print}}', "{{- .Task.ID -}}", "{{.Task.ID}}{{.Task.Foo}}", '{{printf "%s" .Task.ID}}',
    '{{len "x"}}', "{{.Service.Name.Foo}}", "{{.}}", "{{nil}}", "{{x}}", "{{ .Task.ID }", '{{"a\\"b"}}',
)  # fmt: skip
HEALTH = (
    {"test": "true", "interval": "10s"}, {"disable": True}, {"disable": True, "test": "x"}, {"test": ["NONE"]},
    {"test": "true", "interval": "1us"}, {"test": "true", "timeout": "-1s"}, {"disable": True, "interval": "1us"},
)  # fmt: skip
PORTS = (
    "80:80", "8080:80", "8080-8082:80", "90", "53:53/udp", "8081:1/tcp",
    {"target": 80, "published": 8080, "mode": "host"}, {"target": 5, "published": 70000},
    {"target": 80, "published": 8080, "mode": "foo", "protocol": "UDP"},
    {"target": 1, "published": 8081, "mode": "HOST"},
)  # fmt: skip
MOUNTS = (
    "v1:/d", "/d", "v1:/e:ro,z", "vx:/d", "./a:/d", "x/y:/d", "v:/data", {"type": "tmpfs", "target": "/t"},
    {"type": "tmpfs", "source": "x", "target": "/t"}, {"type": "bind", "source": "/a", "target": "/b", "volume": {}},
    {"type": "bind", "source": "/a", "target": "/d", "bind": {"propagation": "foo"}}, {"type": "disk", "target": "/q"},
    {"type": "bind", "source": "/a", "target": "/d", "bind": {"propagation": "RSLAVE"}},
    {"type": "volume", "source": "v1", "target": "{{.Task.Slot}}"}, {"type": "image", "source": "x", "target": "/i"},
    {"type": "volume", "source": "v1", "target": "{{.Foo}}"}, {"type": "volume", "source": "v2", "target": "/v2"},
)  # fmt: skip
USED_NETWORKS: tuple[Any, ...] = (
    ["n1"], ["n1", "n2"], ["default"], ["und"], ["n3"], {"n1": {"aliases": ["x"]}}, ["N1", "n1"], ["n4"], ["n6"],
)  # fmt: skip
SUBNETS = ("10.99.0.0/24", "10.99.0/24", "10.99.0.5/24", "10.99.0.0/33")
NETWORKS = {
    "n1": ({},),
    "N1": ({},),
    "n2": ({"attachable": True}, {"driver": "bridge"}, *({"ipam": {"config": [{"subnet": s}]}} for s in SUBNETS)),
    "n3": ({"name": "host", "external": True}, {"name": "host"}, {"name": "N1"}, {"driver": "host"},
           {"external": True, "name": "none"}, {"external": True, "name": "ingress"}),
    "n4": tuple({"name": name} for name in ("ok-net", "a.b", "x" * 64, "-a", "a-")),
    "n6": ({"ipam": {"driver": "default"}}, {"ipam": {"driver": "overlay"}}),
}  # fmt: skip
VOLUMES = {
    "v1": ({}, {"labels": {"a": "{{.Foo}}"}}, {"driver_opts": {"o": "{{.Task.Slot}}"}}),
    "v2": ({}, {"name": "x-{{.Task.Slot}}"}, {"name": "x-{{.Foo}}"}),
}
FILES = ("k.txt", "empty.txt", "nope.txt", "big.txt", ".")
SECRETS = ("k", "k2", "nope", {"source": "k", "target": "t"}, {"source": "k2", "target": "t"})
KEYS = ("a", "b", "web-1", "web_2", "A", "x.y", "z-")
STACKS = ("lf", "l.f", "a" * 40, "L_", "x" * 62)
CREDENTIALS = ({"file": "a"}, {"file": "a", "registry": "b"}, {"config": "c"}, {"config": "zz"})


class Generated(NamedTuple):
    """A stack and the name to deploy it under."""

    name: str
    data: dict[str, Any]


def lay_out(folder: Path) -> None:
    """Write the files of secrets and configs that the stacks name."""
    for name, size in (("k.txt", 1), ("empty.txt", 0), ("big.txt", 512_000)):
        (folder / name).write_text("x" * size)


def generate(seed: int) -> Generated:
    """One stack, the same for the same seed."""
    return _Generator(random.Random(seed)).stack()


class _Generator:
    def __init__(self, source: random.Random) -> None:
        self.source = source

    def pick(self, of: Sequence[Any]) -> Any:
        return of[0] if self.maybe(0.55) else self.source.choice(of)

    def maybe(self, chance: float) -> bool:
        return self.source.random() < chance

    def stack(self) -> Generated:
        many = self.source.choice((1, 1, 2, 3))
        keys = self.source.sample(KEYS, many) if self.maybe(0.2) else list(KEYS[:many])
        data: dict[str, Any] = {
            "version": "3.8",
            "services": {key: self.service() for key in keys},
            "networks": {key: self.pick(of) for key, of in NETWORKS.items()},
            "volumes": {key: self.pick(of) for key, of in VOLUMES.items()},
        }
        if self.maybe(0.5):
            data["secrets"] = {"k": {"file": f"./{self.pick(FILES)}"}, "k2": {"file": "./k.txt"}}
            data["configs"] = {"c": {"file": f"./{self.pick(FILES[:2])}"}}
        return Generated(self.pick(STACKS), data)

    def service(self) -> dict[str, Any]:
        options: dict[str, tuple[float, Any]] = {
            "hostname": (0.1, lambda: self.pick(TEMPLATES)),
            "environment": (0.25, lambda: {"A": self.pick(TEMPLATES)}),
            "healthcheck": (0.2, lambda: self.pick(HEALTH)),
            "ports": (0.3, lambda: self.some(PORTS)),
            "volumes": (0.3, lambda: self.some(MOUNTS)),
            "networks": (0.3, lambda: self.pick(USED_NETWORKS)),
            "secrets": (0.1, lambda: self.some(SECRETS)),
            "restart": (0.15, lambda: self.pick(RESTARTS)),
            "credential_spec": (0.05, lambda: self.pick(CREDENTIALS)),
            "stop_grace_period": (0.1, lambda: self.pick(DURATIONS)),
            "deploy": (0.6, self.deploy),
        }
        made = {key: make() for key, (chance, make) in options.items() if self.maybe(chance)}
        return {"image": "lbtest/busybox:1" if self.maybe(0.8) else self.pick(IMAGES), **made}

    def some(self, of: Sequence[Any]) -> list[Any]:
        """One or two different entries."""
        return self.source.sample(of, 2) if self.maybe(0.3) else [self.pick(of)]

    def deploy(self) -> dict[str, Any]:
        options: dict[str, tuple[float, Any]] = {
            "mode": (0.3, lambda: self.pick(MODES)),
            "replicas": (0.2, lambda: self.pick((1, 0, 2))),
            "endpoint_mode": (0.2, lambda: self.pick(ENDPOINTS)),
            "placement": (0.2, lambda: {"constraints": [self.pick(CONSTRAINTS)]}),
            "restart_policy": (0.2, lambda: {"condition": self.pick(CONDITIONS), "delay": self.pick(DURATIONS)}),
            "update_config": (0.15, self.update),
            "rollback_config": (0.1, self.update),
            "resources": (0.2, lambda: {"limits": {"cpus": self.pick(CPUS), "memory": self.pick(MEMORY)}}),
        }
        return {key: make() for key, (chance, make) in options.items() if self.maybe(chance)}

    def update(self) -> dict[str, Any]:
        return {
            "failure_action": self.pick(ACTIONS),
            "max_failure_ratio": self.pick(RATIOS),
            "delay": self.pick(DURATIONS),
            "monitor": self.pick(DURATIONS),
        }
