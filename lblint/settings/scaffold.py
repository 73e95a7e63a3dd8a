"""A commented `.lblint.yml` made from the stacks of a repository. Every key is in it; unsure ones are comments."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from lblint.installation import package
from lblint.interlock import Ingress, Route
from lblint.interlock.networks import attached, host_mode
from lblint.interlock.owner_policy import allows
from lblint.records import NamedTuple
from lblint.settings import path_patterns, validators
from lblint.settings.key_table import KEYS, Key
from lblint.stack import Stack

WIDTH = 100
SCHEMA = ".lblint.schema.json"
"""The name of the schema that editors find beside the settings."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


class Entry(NamedTuple):
    """A line of a key: one item of a list, or a name and its value. What is not `sure` is written as a comment."""

    text: str
    value: str = ""
    sure: bool = True


class Section(NamedTuple):
    """What a key is to hold; `keep` is False where it is only shown, as a comment."""

    key: str
    entries: tuple[Entry, ...]
    keep: bool = True

    @property
    def active(self) -> bool:
        """Whether the key stands in the file as more than a comment."""
        return self.keep and any(entry.sure for entry in self.entries)


def settings_text(sections: Sequence[Section], head: str, schema: bool) -> str:
    """The text of a file with these sections, and with all other keys as comments. `head` is its first sentence."""
    by_key = {section.key: section for section in sections}
    lines = [f"# yaml-language-server: $schema={SCHEMA}"] if schema else []
    lines += _comment(head)
    for key in KEYS:
        lines.append("")
        lines += _comment(re.sub(r"`(.+?)`", r"\1", key.doc))
        section = by_key.get(key.name)
        lines += [f"# {key.name}: {key.example}"] if section is None else _section(key, section)
    return "\n".join(lines) + "\n"


def _section(key: Key, section: Section) -> Iterator[str]:
    mark = "" if section.active else "# "
    yield f"{mark}{key.name}:"
    for entry in section.entries:
        own = mark or ("" if entry.sure else "# ")
        if entry.value and section.key == "stacks":
            yield f"{own}  - name: {quoted(entry.text)}"
            yield f"{own}    files: {entry.value}"
        elif entry.value:
            yield f"{own}  {quoted(entry.text)}: {quoted(entry.value)}"
        else:
            yield f"{own}  - {quoted(entry.text)}"


def quoted(text: str) -> str:
    """A text as YAML, in quotes where it would mean something else without."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    import json

    return json.dumps(text, ensure_ascii=not text.isprintable())


def _comment(text: str) -> list[str]:
    """A text as lines of comments."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(f"# {word}")
    return lines


def sections(
    folder: str, stacks: Sequence[Stack], ingress: Ingress, configs: Sequence[str], development: Sequence[str] = ()
) -> Iterator[Section]:
    """What the keys are to hold, for the stacks in a folder and below; `configs` are those of Interlock, `development`
    the files for docker compose that are no stacks, by their paths."""
    named = [entry for stack in stacks if (entry := _named(folder, stack)) is not None]
    if named:
        yield Section("stack-names", tuple(named))
    merged = tuple(_merged(folder, stacks))
    if merged:
        yield Section("stacks", merged)
    unfit = [_inside(folder, file) for file in development]
    if unfit:
        yield Section("exclude", tuple(Entry(path) for path in unfit if not path_patterns.fault(path)))
    paths = [path for name in configs if not validators.text(path := _inside(folder, name))]
    if paths:
        yield Section("interlock", tuple(Entry("config", path, at == 0) for at, path in enumerate(paths)))
    hosts = {host.name.lower() for route in ingress.routes for host in route.hosts if not _unset(route, "hosts")}
    domains = _domains(sorted(host for host in hosts if "." in host and not validators.domain(host)))
    if domains:
        yield Section("domains", tuple(map(Entry, domains)))
    clusters = {route.cluster for route in ingress.routes if route.cluster and not _unset(route, "service_cluster")}
    clusters = {name for name in clusters if not validators.cluster(name)}
    if clusters and not paths:
        yield Section("service-clusters", tuple(map(Entry, sorted(clusters))))
    networks = {network.name for route in ingress.routes if not host_mode(route) and not _unset(route, "network")
                for network in attached(route)}  # fmt: skip
    sure = sorted(name for name in networks if name and not validators.network(name) and "*" not in name)
    if sure:
        yield Section("proxy-networks", tuple(map(Entry, sure)))


def _inside(folder: str, path: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _unset(route: Route, name: str) -> bool:
    label = route.label(name)
    return bool(label and label.unset)


def _named(folder: str, stack: Stack) -> Entry | None:
    """The name of a stack by the path of its file: the one that its labels give away, or a guess."""
    path = _inside(folder, stack.files[0])
    if (
        validators.text(path)
        or path_patterns.fault(path)
        or any(char in path for char in "*?[")
        or not path.isprintable()
    ):
        return None
    name = stack.name or _guess(path)
    return Entry(path, name, stack.name is not None) if name and not validators.stack_name(name) else None


def _guess(path: str) -> str:
    """A name by a path: `shop` of `shop/stack.yml`, `shop-stack.yml` and `stacks/shop.yml`."""
    stem = os.path.splitext(os.path.basename(path))[0].lower()
    words = [word for word in re.split(r"[._-]", stem) if word not in ("docker", "stack", "compose", "swarm", "prod")]
    return "-".join(words) or os.path.basename(os.path.dirname(path))


def _merged(folder: str, stacks: Sequence[Stack]) -> Iterator[Entry]:
    """Yield the pairs of a base and an override beside it: the override has no image for a service of the base, or is
    named after the base and changes services of it. Sure is what cannot be deployed alone and has one base only."""
    by_folder: dict[str, list[Stack]] = {}
    for stack in stacks:
        by_folder.setdefault(os.path.dirname(stack.files[0]), []).append(stack)
    for beside in by_folder.values():
        whole = [stack for stack in beside if stack.services and all("image" in s.config for s in stack.services)]
        for part in beside:
            keys = {service.key for service in part.services}
            bare = {service.key for service in part.services if "image" not in service.config}
            bases = [base for base in whole if base is not part and bare <= (shared := _keys(base) & keys) and shared]
            named = [base for base in bases if _named_after(part, base)]
            if not bare:
                bases = named
            for base in named[:1] or bases:
                paths = [_inside(folder, files.files[0]) for files in (base, part)]
                name = base.name or part.name or _guess(paths[0])
                if name and not validators.stack_name(name) and all(path.isprintable() for path in paths):
                    sure = bool(bare) and len(named[:1] or bases) == 1
                    yield Entry(name, f"[{', '.join(map(quoted, paths))}]", sure)


def _keys(stack: Stack) -> set[str]:
    return {service.key for service in stack.services}


def _named_after(part: Stack, base: Stack) -> bool:
    """Whether a file's name is that of the base and something more: docker-compose.prod.yml, stack-prod.yml."""
    stems = [os.path.splitext(os.path.basename(stack.files[0]))[0] for stack in (part, base)]
    return re.match(re.escape(stems[1]) + "[._-]", stems[0]) is not None


def _domains(hosts: Sequence[str]) -> list[str]:
    """Return the hosts, with a wildcard for those that share their parent with another one, but for parents below which
    anybody may have a name."""
    parents = Counter(host.partition(".")[2] for host in hosts if not host.startswith("*."))
    wide = {parent for parent, count in parents.items() if count > 1 and not is_public_suffix(parent)}
    stars = {host for host in hosts if host.startswith("*.")} | {f"*.{parent}" for parent in wide}
    stars = {star for star in stars if not allows(stars - {star}, star)}
    names = {host for host in hosts if not host.startswith("*.") and not allows(stars, host)}
    return [*sorted(names), *sorted(stars)]


def is_public_suffix(domain: str) -> bool:
    """Whether names below a domain may belong to different people, by the Public Suffix List.

    `domain` is in lower case and ASCII. A domain that some public suffix lies below (`kawasaki.jp`, `amazonaws.com`)
    counts as one, too, as does every top-level domain.
    """
    rules = _rules()
    parent = domain.partition(".")[2]
    if not parent or domain in rules or domain in _shared():
        return True
    return f"*.{parent}" in rules and f"!{domain}" not in rules


@cache
def _rules() -> frozenset[str]:
    """Return the rules, as the list has them: `co.uk`, `*.ck`, `!www.ck`."""
    with open(os.path.join(package(), "settings", "public_suffixes.txt"), encoding="ascii") as file:
        return frozenset(line.strip() for line in file if not line.startswith("#"))


@cache
def _shared() -> frozenset[str]:
    """Return the domains that a rule lies below."""
    return frozenset(rule.partition(".")[2] for rule in _rules() if not rule.startswith("!"))
