"""A new config.toml from an old one: service clusters, ports, nodes and mode are set, all else stays as it is written.

Proxies are kept on nodes with a label: nodetype=loadbalancer, as on Docker's page on a deploy for production, or the
name of the service cluster, under the label that configs in use have for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from lblint.finding import of_kind
from lblint.interlock.config import Extension, InterlockConfig, apart, read
from lblint.interlock.config_faults import OnlySubTables, UnknownConfigKey
from lblint.interlock.version import INTERLOCK_3, Version, reached
from lblint.records import NamedTuple

DEFAULT_CLUSTER = "default"
"""What the extension without a ServiceCluster is called among service clusters, and in the config that UCP writes."""
NODE_TYPE = ("nodetype", "loadbalancer")
CLUSTER_LABEL = "com.docker.interlock.service.cluster"
_OF_UCP = "node.labels.com.docker.ucp."
MOST_PORTS = 65535


class DraftError(ValueError):
    """The config cannot be written; the text says why."""


class Choices(NamedTuple):
    """What is asked for. `clusters` are the service clusters that there are to be, none for those of the old config;
    `ports` are HTTP and TLS (None to keep it) by the name of the cluster; `replicas` of each proxy, None to keep them.
    """

    clusters: tuple[str, ...] = ()
    host_mode: bool = False
    ports: Mapping[str, tuple[int, int | None]] = {}
    replicas: int | None = None


class NodeLabels(NamedTuple):
    """The labels that nodes need for the proxies of a cluster, and how many nodes that takes in host mode."""

    cluster: str
    labels: tuple[tuple[str, str], ...]
    nodes: int


class Draft(NamedTuple):
    """The new text, and the labels that nodes need for it."""

    text: str
    labels: tuple[NodeLabels, ...]


class _Value(NamedTuple):
    """A value to set, and why."""

    key: str
    value: Any
    why: str


def default_config(version: Version) -> str:
    """Return a config as UCP or MKE of this version writes it, without the ID of the instance and nginx's settings,
    which have the same defaults."""
    tag = f"{version.major}.{version.minor}" + ("" if version.patch is None else f".{version.patch}")
    image = f'"{"docker" if version.line < (3, 3) else "mirantis"}/ucp-interlock-%s:{tag}"'
    lines = [
        'ListenAddr = ":8080"',
        'DockerURL = "unix:///var/run/docker.sock"',
        "AllowInsecure = false",
        'PollInterval = "3s"',
        "",
        "[Extensions]",
        "  [Extensions.default]",
        f"    Image = {image % 'extension'}",
        "    Args = []",
        '    ServiceName = "ucp-interlock-extension"',
        '    Constraints = ["node.labels.com.docker.ucp.orchestrator.swarm==true", "node.platform.os==linux"]',
        f"    ProxyImage = {image % 'proxy'}",
        "    ProxyArgs = []",
        '    ProxyServiceName = "ucp-interlock-proxy"',
        '    ProxyConfigPath = "/etc/nginx/nginx.conf"',
        "    ProxyReplicas = 2",
        '    ProxyStopSignal = "SIGQUIT"',
        '    ProxyStopGracePeriod = "5s"',
        '    ProxyConstraints = ["node.labels.com.docker.ucp.orchestrator.swarm==true", "node.platform.os==linux"]',
    ]
    if reached(version, INTERLOCK_3) is not False:
        lines += [f"    ConfigImage = {image % 'config'}", '    ConfigServiceName = "ucp-interlock-config"']
    lines += [
        '    PublishMode = "ingress"',
        "    PublishedPort = 80",
        "    TargetPort = 80",
        "    PublishedSSLPort = 8443",
        "    TargetSSLPort = 443",
    ]
    return "\n".join(lines) + "\n"


def draft_config(text: str, config: InterlockConfig, choices: Choices) -> Draft:
    """Return the config with what is asked for, and the labels that its nodes need; `config` is `text`, read.

    Comments, order and whatever is not asked about stay. Raises `DraftError` where the text is written in a way that
    cannot be kept, or what is asked for makes no sense with it.
    """
    import copy
    import tomllib

    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if not config.extensions:
        raise DraftError("it has no extension to begin with")
    expected = tomllib.loads(text)
    lost = [str(fault.place.path[-1]) for fault in of_kind(config.faults, OnlySubTables)]
    lost += [f.key for f in of_kind(config.faults, UnknownConfigKey) if not f.table and _is_table(expected.get(f.key))]
    if lost:
        raise DraftError(f"{lost[0]} is not what it should be, and would be lost: lblint check says what to write")
    unknown = sorted(set(choices.ports) - set(choices.clusters or map(_name, config.extensions)))
    if unknown:
        raise DraftError(f"a port is given for {', '.join(unknown)}, which is not one of the service clusters")
    planned = list(_plan(config, choices))
    try:
        document = tomlkit.parse(text)
        _rewrite(document, planned, bool(choices.clusters), copy.deepcopy, _write)
        new = document.as_string()
        _rewrite(expected, planned, bool(choices.clusters), copy.deepcopy, _set)
        written = tomllib.loads(new)
    except (TOMLKitError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise DraftError(f"it is written in a way that cannot be changed and kept ({error})") from None
    if written != expected:
        raise DraftError("its tables are written in a way that cannot be changed and kept; write one table for each "
                         "[Extensions.<name>]")  # fmt: skip
    return Draft(new, tuple(labels for plan in planned for labels in plan.labels))


def _is_table(value: Any) -> bool:
    return isinstance(value, (dict, list))


class _Plan(NamedTuple):
    """An extension of the new config: its name, the one that it is made from, and what is set in it."""

    name: str
    model: str
    values: tuple[_Value, ...]
    labels: tuple[NodeLabels, ...] = ()


def _name(extension: Extension) -> str:
    """Return the name of an extension's service cluster; that of the default one is `default`."""
    return extension.cluster or DEFAULT_CLUSTER


class _Member(NamedTuple):
    """An extension of the new config on its way: its cluster, the one that it is made from, whether it is that one,
    whether it is in host mode, and its ProxyConstraints as far as they stay."""

    cluster: str
    model: Extension
    kept: bool
    host: bool
    constraints: tuple[str, ...]


def _members(config: InterlockConfig, choices: Choices) -> list[_Member]:
    """Return the extensions of the new config, in their order."""
    asked = choices.clusters or tuple(map(_name, config.extensions))
    first = config.extension("") or config.extensions[0]
    own = {_name(extension): extension for extension in reversed(config.extensions)}
    models = [own.get(cluster, first) for cluster in asked] if choices.clusters else list(config.extensions)
    return [
        _Member(
            cluster,
            model,
            kept := cluster in own or not choices.clusters,
            choices.host_mode or model.value("PublishMode") == "host",
            tuple(text for text in model.value("ProxyConstraints") if kept or not _asks_for(text, model.cluster)),
        )
        for cluster, model in zip(asked, models, strict=True)
    ]


def _plan(config: InterlockConfig, choices: Choices) -> Iterator[_Plan]:
    """Yield the extensions of the new config, in their order."""
    members = _members(config, choices)
    taken = _reserved(members, choices)
    names: set[str] = set()
    for member in members:
        cluster, model, kept, host, _ = member
        name = model.name if kept else cluster
        if name in names:
            raise DraftError(f"two extensions would be called {name}")
        names.add(name)
        values = [] if kept else list(_identity(cluster, model, config.version))
        labels: tuple[NodeLabels, ...] = ()
        if choices.host_mode:
            values.append(_Value("PublishMode", "host", "on the nodes of the proxies; clients keep their addresses"))
        values += _ports(cluster, model, choices, not host and not kept, taken)
        replicas = choices.replicas if choices.replicas is not None else model.value("ProxyReplicas")
        if choices.replicas is not None:
            values.append(_Value("ProxyReplicas", replicas, "as asked for"))
        elif replicas is None:
            replicas = 2
            values.append(_Value("ProxyReplicas", replicas, "the core crashes without it"))
        if choices.host_mode or choices.clusters:
            pins, new = _placement(member, members, f", for {replicas} node{'' if replicas == 1 else 's'}" * host)
            values += new
            labels = (NodeLabels(cluster, pins, int(replicas) if host else 1),)
        yield _Plan(name, model.name, tuple(values), labels)


def _placement(member: _Member, members: Sequence[_Member], count: str) -> tuple[tuple[tuple[str, str], ...],
                                                                                 list[_Value]]:  # fmt: skip
    """Return the node labels of a cluster's proxies, and the constraints that are set for them: none where they are
    kept on nodes of their own already. `count` is what the comment says of the number of nodes."""
    pins = tuple(_pins(member.constraints))
    shared = any(
        member.host and other.host and not apart(member.constraints, other.constraints)
        for other in members
        if other is not member
    )
    if member.kept and pins and not shared:
        return pins, []
    alone = len(members) == 1 and member.cluster == DEFAULT_CLUSTER
    pair = NODE_TYPE if alone else (CLUSTER_LABEL, member.cluster)
    constraints = _pinned(member.constraints, pair)
    pins = tuple(_pins(constraints))
    flags = " ".join(f"--label-add {key}={value}" for key, value in pins)
    values = [_Value("ProxyConstraints", constraints, f"docker node update {flags} NODE{count}")]
    own = member.model.value("Constraints")
    kept = [text for text in own if member.kept or not _asks_for(text, member.model.cluster)]
    if len(kept) < len(own):
        values.append(_Value("Constraints", _pinned(kept, pair), "on the nodes of its proxies"))
    return pins, values


def _asks_for(constraint: str, cluster: str) -> bool:
    """Whether a constraint keeps a service on the nodes of a service cluster: a node label has its name as value."""
    return bool(cluster) and any(value == cluster for _, value in _pins([constraint]))


def _is_of(constraint: str, label: str) -> bool:
    """Whether a constraint is about a node label, with whatever value."""
    return constraint.replace("!=", "==").partition("==")[0].strip() == f"node.labels.{label}"


def _pinned(constraints: Sequence[str], pair: tuple[str, str]) -> list[str]:
    """Return constraints with one that asks for a label, in place of those that ask for it now."""
    return [*(text for text in constraints if not _is_of(text, pair[0])), f"node.labels.{pair[0]}=={pair[1]}"]


def _pins(constraints: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the node labels, other than those of UCP itself, that keep proxies on their nodes already."""
    for constraint in read(constraints):
        prefix, label = constraint.key[:12], constraint.key[12:]
        if prefix == "node.labels." and constraint.operator == "==" and not constraint.key.startswith(_OF_UCP):
            yield label, constraint.value


def _identity(cluster: str, model: Extension, version: Version | None) -> Iterator[_Value]:
    """Yield what tells the extension of a cluster from its model: the cluster, and the names of its services."""
    named = "" if cluster == DEFAULT_CLUSTER else cluster
    why = f"for services with the label com.docker.lb.service_cluster: {named}" if named else "for those without label"
    yield _Value("ServiceCluster", named, why)
    config_service = {"configimage", "configservicename"} & model.own.keys() or reached(version, INTERLOCK_3)
    ending = f"-{named}" if named else ""
    yield _Value("ServiceName", f"ucp-interlock-extension{ending}", "each extension needs a service of its own")
    yield _Value("ProxyServiceName", f"ucp-interlock-proxy{ending}", "and proxies of its own")
    if config_service:
        yield _Value("ConfigServiceName", f"ucp-interlock-config{ending}", "and a config service of its own")


_PORTS = ("PublishedPort", "PublishedSSLPort")


def _reserved(members: Sequence[_Member], choices: Choices) -> set[int]:
    """Return the ports that are given, and those of extensions that stay."""
    ports = {port for pair in choices.ports.values() for port in pair if port is not None}
    for member in members:
        if member.kept and member.cluster not in choices.ports:
            ports.update(member.model.value(name) for name in _PORTS)
    return ports


def _ports(cluster: str, model: Extension, choices: Choices, apart: bool, taken: set[int]) -> Iterator[_Value]:
    """Yield the ports that change: as asked for, or (`apart`) the next that no other proxy has."""
    given = choices.ports.get(cluster)
    for index, name in enumerate(_PORTS):
        own = model.value(name)
        asked = None if given is None else given[index]
        if asked is not None:
            yield _Value(name, asked, "as asked for")
        elif apart:
            port = next((port for port in range(own, MOST_PORTS + 1) if port not in taken), own)
            taken.add(port)
            if port != own:
                yield _Value(name, port, "in ingress mode each proxy needs ports that no other has")


Setter = Callable[[MutableMapping[str, Any], _Value], None]


def _rewrite(
    document: MutableMapping[str, Any],
    planned: Sequence[_Plan],
    replaced: bool,
    copy: Callable[[Any], Any],
    write: Setter,
) -> None:
    """Change a document, of tomlkit or of plain dicts, into what is planned. With `replaced`, the planned extensions
    come in place of all there are."""
    top = next(key for key in document if key.lower() == "extensions")
    extensions = document[top]
    models = {plan.model: extensions[plan.model] for plan in planned}
    made = []
    for plan in planned:
        table = copy(models[plan.model]) if replaced else extensions[plan.model]
        for value in plan.values:
            write(table, value)
        made.append((plan.name, table))
    if replaced:
        for name in list(extensions):
            extensions.pop(name)
        for name, table in made:
            _unnamed(table)
            extensions[name] = table


def _set(table: MutableMapping[str, Any], value: _Value) -> None:
    """Set a value in a plain dict."""
    table[_key(table, value.key)] = value.value


def _key(table: Mapping[str, Any], name: str) -> str:
    """Return a key as the table spells it."""
    return next((key for key in table if key.lower() == name.lower()), name)


def _write(table: MutableMapping[str, Any], value: _Value) -> None:
    """Set a value in a table of tomlkit, with the reason as a comment behind it; a comment that is there stays."""
    import tomlkit

    key = _key(table, value.key)
    old: Any = table.get(key)
    sibling: Any = next((table[name] for name in table if hasattr(table[name], "trivia")), None)
    said = old.trivia.comment.lstrip("# ") if old is not None else ""
    item: Any = tomlkit.item(value.value)
    if isinstance(old, tomlkit.items.Array) and list(old) == value.value[: len(old)]:
        item = old  # with the comments between its lines
        for text in value.value[len(old) :]:
            item.append(text)
    item.comment(said if said.startswith(value.why) else value.why + (f"; {said}" if said else ""))
    like = old if old is not None else sibling
    table[key] = item
    if like is not None:
        written: Any = table[key]
        written.trivia.indent = like.trivia.indent


def _unnamed(table: Any) -> None:
    """Forget the headers that a table of tomlkit and its sub-tables were read with: they get those of their place."""
    if hasattr(table, "display_name"):
        table.display_name = None
        for key in table:
            _unnamed(table[key])
