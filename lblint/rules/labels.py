"""Rules on the keys of Interlock's labels: which there are, where they are written, what they need."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import KEYS, LABELS, PREFIX, Ingress
from lblint.interlock.hosts import parse_hosts
from lblint.interlock.legacy_labels import Successors, from_mesh, from_one, is_mesh, is_one
from lblint.interlock.routes import replicas
from lblint.interlock.scalars import is_true
from lblint.interlock.spelling import held, meant
from lblint.interlock.version import reached
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.rules._labels import labels, on, value_hit
from lblint.rules._spelling import near
from lblint.source import Source
from lblint.stack import Label, Service, Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def unknown_label(stack: Stack) -> Iterator[Hit]:
    """A label begins with com.docker.lb. and is none that Interlock knows.

    Interlock ignores it without a word, so the route works without it, or not at all. `lblint labels` lists all there
    are. There are no indexed labels (`hosts.1`): a service has one port and one path; for a second one write a second
    service.
    """
    for service in stack.services:
        for label in service.labels:
            if not label.key.startswith(PREFIX) or label.key in KEYS or held(label.key):
                continue
            wanted = meant(label.key)
            if wanted in KEYS:
                index = ": there are no labels with an index" if label.key[-1:].isdigit() else ""

                fixes = _fixes.key_fix(service, label, wanted)
                yield Hit(label.key_place, f'Interlock ignores the label "{label.key}"{index}', wanted, fixes=fixes)
            else:
                says = f'Interlock does not know the label "{label.key}"'
                help_ = "the label's whole name: docker puts variables into values alone" if "$" in label.key else ""
                yield Hit(label.key_place, says, help_, Severity.WARNING)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def misspelt_label_prefix(stack: Stack) -> Iterator[Hit]:
    """A label looks like one of Interlock's, but its prefix is not com.docker.lb.

    Interlock reads keys that begin with `com.docker.lb.`, in lower case, and ignores all others without a word: the
    route works without the label, or not at all.
    """
    for service in stack.services:
        for label in service.labels:
            key = label.key
            if key.startswith(PREFIX) or held(key) or is_mesh(key) or is_one(key):
                continue
            wanted = meant(key)
            if wanted:
                known = wanted in KEYS
                yield Hit(
                    label.key_place,
                    f'Interlock ignores the label "{key}": it does not begin with {PREFIX}'
                    if not key.strip().startswith(PREFIX)
                    else f'Interlock ignores the label "{key}": it begins with a space',
                    wanted,
                    severity=None if known else Severity.WARNING,
                    fixes=_fixes.key_fix(service, label, wanted),
                )


_ROUTING = {PREFIX + "hosts", PREFIX + "port", PREFIX + "default_backend"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def label_on_container(stack: Stack) -> Iterator[Hit]:
    """A label of Interlock stands under `labels` of the service, where it becomes a label of the containers.

    Interlock reads the labels of services, which stack files write under `deploy: labels:`. Docker accepts both places,
    so nothing is said at the deploy, and there is no route.
    """
    for service in stack.services:
        found = [label for label in service.container_labels if meant(label.key) in KEYS]
        routing = any(label.key in _ROUTING for label in found) and not _routed(service)
        fixes = _moved(service, found, _routed(service) or any(meant(label.key) in _ROUTING for label in found))
        for label in found:
            twin = service.label(label.key)
            says = "Interlock reads only those of services"
            if twin is not None:
                says = "the one under deploy counts"
            yield Hit(
                label.key_place,
                f"{label.key} is a label of the containers here: {says}",
                f"deploy:\n  labels:\n    {meant(label.key)}: {_scalar(label.value)}",
                severity=None if routing and label.key in KEYS else Severity.WARNING,
                fixes=fixes if twin is None else _removed(label, twin),
            )


def _moved(service: Service, found: list[Label], safe: bool) -> tuple[Fix, ...]:
    """All of them together, below `deploy`, but for those that are there. Without a route it may be no stack at all."""
    places = [label.place._replace(chars=None) for label in found if service.label(label.key) is None]
    edits = [Edit("move", place, to=(*place.path[:2], "deploy", "labels")) for place in places]
    title = "move it below deploy.labels" if len(edits) == 1 else f"move all {len(edits)} below deploy.labels"
    return (Fix(title, tuple(edits), safe),) if edits else ()


def _removed(label: Label, twin: Label) -> tuple[Fix, ...]:
    """The one that does nothing taken away, where it says the same as the other."""
    place = label.place._replace(chars=None)
    return (Fix("remove it here", (Edit("remove", place),)),) if label.value == twin.value else ()


def _routed(service: Service) -> bool:
    return any(label.key in _ROUTING for label in service.labels)


def _scalar(value: str) -> str:
    """A value as it can stand in the map form."""
    return value if value not in ("true", "false", "") else f'"{value}"'


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.NOTHING)
def labels_in_labels(stack: Stack) -> Iterator[Hit]:
    """`labels:` stands once more among the labels.

    With its entries below it docker refuses the file; with nothing below it docker makes a label called "labels", and
    the entries beside it are labels as they should be. Take the inner `labels:` away.
    """
    for service in stack.services:
        for label in (*service.labels, *service.container_labels):
            if label.key == "labels" and not label.value:
                yield Hit(
                    label.key_place,
                    'this makes an empty label called "labels" beside the others',
                    "labels: once, with all labels below it",
                    fixes=_fixes.remove(label.place, "it"),
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def label_key_holds_value(stack: Stack) -> Iterator[Hit]:
    """The key of a label holds its value as well.

    In a list, labels are written `key=value`; with a colon in quotes (`- "com.docker.lb.port: 8080"`) the whole text is
    the key, and its value is empty. In a map they are written `key: value`; with `=` the same happens. Docker takes
    both without a word, and Interlock ignores a label of that name.
    """
    for service in stack.services:
        for label in service.labels:
            found = held(label.key)
            if found is None:
                continue
            key, value = found
            in_list = label.key_place.chars is not None
            # what follows an `=` further on was cut off as the value
            value = f"{value}={label.value}" if in_list and label.value else value
            yield Hit(
                label.key_place,
                f'the whole text "{label.key}" is the key of this label, so there is no {key}',
                f"- {key}={value}" if in_list else f"{key}: {value}",
                None if "=" in label.key or ":" in label.key else Severity.WARNING,
                fixes=_divided(service, label, key, value),
            )


def _divided(service: Service, label: Label, key: str, value: str) -> tuple[Fix, ...]:
    """Key and value apart; none where a variable is in them, or the service has that label."""
    if "$" in label.key or service.label(key) is not None or (label.key_place.chars is None and label.value):
        return ()
    if label.key_place.chars is not None:
        whole = Edit("write", label.place._replace(chars=None), f"{key}={value}")
        return (Fix(f"write {key}={value}", (whole,)),)
    edits = (Edit("write", label.key_place, key), Edit("write", label.place, value))
    return (Fix(f"write {key}: {value}", edits),)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def label_changed_by_yaml(stack: Stack) -> Iterator[Hit]:
    """YAML reads the value of a label as a number, and docker sends it in other digits.

    Without quotes `0777` is octal and becomes 511, `1.10` becomes 1.1, `1_000` becomes 1000 and `1e3` as well. Put the
    value in quotes, and the label holds what is written.
    """
    for service in stack.services:
        for label in service.labels:
            changed = not isinstance(label.raw, str | bool | dict | list | None) and label.written != label.value
            if changed and label.key in KEYS:
                severity, meant = _severity(label), _without_change(label)
                yield Hit(
                    label.place,
                    f'{label.key}: {label.written} is a number to YAML, and docker sends "{label.value}"',
                    meant,
                    severity,
                    Breaks.NOTHING if severity is Severity.INFO else None,
                    _fixes.write(label.place, meant.strip('"'), title=f"write {meant} in quotes"),
                )


def _without_change(label: Label) -> str:
    """The text that was written, in quotes; for a port, digits."""
    if label.key != PREFIX + "port":
        return f'"{label.written}"'
    return label.written.lstrip("0") if label.written.isdecimal() else label.value


def _severity(label: Label) -> Severity:
    """A port of another number is an error, and one of the same number is as good as it was."""
    if label.key != PREFIX + "port":
        return Severity.WARNING
    if label.written.lstrip("0") in (label.value, label.value + ".0"):
        return Severity.INFO
    return Severity.ERROR if label.written.isdecimal() else Severity.WARNING


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def label_control_character(stack: Stack) -> Iterator[Hit]:
    """The value of a label holds a line break or another control character.

    A block text (`|` or `>`) ends with a line break unless it is written `|-`, and what is pasted may hold others.
    nginx divides words at them, so the directive gets too many or too few; names that are compared no longer match.
    Write the value on one line, in quotes if need be.
    """
    for service in stack.services:
        for label in service.labels:
            spec = KEYS.get(label.key)
            for problem in spec.problems(label.value) if spec else ():
                if problem.kind == "control-character":
                    yield value_hit(label, problem)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def label_needs_another(stack: Stack) -> Iterator[Hit]:
    """A label stands without the one that it needs.

    A certificate is nothing without its key, which nginx says by refusing the whole config; a key without certificate,
    or a rewrite without context root, just does nothing.
    """
    for name, spec in LABELS.items():
        for service, label in labels(stack, name) if spec.needs else ():
            for other in spec.needs:
                if on(service, name) and not on(service, other.name, other.value):
                    yield Hit(
                        label.key_place,
                        f"{label.key} without {PREFIX}{other.name}: {other.says}",
                        f"{PREFIX}{other.name}: {LABELS[other.name].example}",
                        other.severity,
                        other.breaks,
                    )


_EXCLUDING = {name: spec.excludes for name, spec in LABELS.items() if spec.excludes}


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def labels_exclude_each_other(stack: Stack) -> Iterator[Hit]:
    """Two labels of a service do not go together.

    The template of the proxy renders one of them, and leaves the other out or makes it pointless: websockets below a
    context root, anything that needs to see requests beside TLS that is passed through, sticky sessions over the one
    virtual IP.
    """
    for name, excludes in _EXCLUDING.items():
        for service, label in labels(stack, name):
            for other in excludes:
                if on(service, name) and on(service, other.name, other.value):
                    beside = PREFIX + other.name + (f": {other.value}" if other.value else "")
                    yield Hit(
                        label.key_place,
                        f"{label.key} beside {beside}: {other.says}",
                        "one of the two",
                        other.severity,
                        other.breaks,
                    )


@rule(on=Stack, severity=Severity.INFO, consequence="nginx never takes the only server out of use")
def max_fails_of_one_server(stack: Stack) -> Iterator[Hit]:
    """The label max_fails or fail_timeout has no effect, because there is one server.

    nginx does not count the failures of a server that is alone in its upstream. With `backend_mode: vip` there is one
    server for all tasks, and a service with one replica has one too.
    """
    for name in ("max_fails", "fail_timeout"):
        for service, label in labels(stack, name):
            if any(KEYS[label.key].problems(label.value)) or label.value.strip() == "0":
                continue
            vip = service.label(PREFIX + "backend_mode")
            mode = setting(service.config, "deploy", "mode") or ""
            if vip is not None and vip.value.strip() == "vip":
                why, advice = f"{vip.key}: vip makes one server of all tasks", f"remove it or {vip.key}"
            elif mode in ("", "replicated") and replicas(service.config) == 1:
                why, advice = f"{service.key} has one replica", "remove it, or run two replicas or more"
            else:
                continue
            yield Hit(label.key_place, f"{label.key} has no effect: {why}", advice)


_ACCESS = "com.docker.ucp.access.label"


@rule(on=Stack, severity=Severity.WARNING, consequence="the service is put into another collection than meant")
def access_label_ignored(stack: Stack) -> Iterator[Hit]:
    """The access label is a label of the containers, or its key is misspelt.

    UCP and MKE read com.docker.ucp.access.label, the path of a collection, from the labels of services, which stack
    files write under `deploy: labels:`. It cannot be set on containers. Another key is a label without a meaning.
    """
    for service in stack.services:
        for label in service.container_labels:
            if label.key == _ACCESS or near(label.key, [_ACCESS]):
                yield Hit(
                    label.key_place,
                    f"{label.key} is a label of the containers here: UCP reads only those of services",
                    f"move it under deploy.labels: {_ACCESS}",
                )
        for label in service.labels:
            if label.key != _ACCESS and near(label.key, [_ACCESS]):
                free = service.label(_ACCESS) is None and "$" not in label.key
                fixes = _fixes.rename(label.key_place, _ACCESS) if free else ()
                yield Hit(label.key_place, f'UCP ignores the label "{label.key}"', _ACCESS, fixes=fixes)


_NAMING = {PREFIX + "hosts", PREFIX + "default_backend"}


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def missing_hosts(stack: Stack) -> Iterator[Hit]:
    """A service has labels of Interlock, but neither hosts nor default_backend.

    A route begins with the host names that it is for; without them Interlock makes none, and the other labels say
    nothing. Only a default backend, which takes what no other host does, goes without.
    """
    for service in stack.services:
        labels = [label for label in service.labels if label.key in KEYS]
        named = any((held(label.key) or (meant(label.key),))[0] in _NAMING for label in service.labels)
        inner = any(label.key == "labels" for label in service.labels)  # the hosts may stand below it
        beside = any(meant(label.key) in _NAMING for label in service.container_labels)
        if labels and not (named or inner or beside):
            first = next((label for label in labels if label.key == PREFIX + "port"), labels[0])
            yield Hit(
                first.key_place,
                f"{service.key} has {first.key}, but no {PREFIX}hosts: there is no route to it",
                f"{PREFIX}hosts: app.example.org",
            )


_PORT = PREFIX + "port"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def missing_port(stack: Stack) -> Iterator[Hit]:
    """A service has host names for its route, but no port.

    The documentation requires both, and nginx cannot use a task's address without a port. Write the port on which the
    container listens; it need not be published.
    """
    for service in stack.services:
        label = service.label(PREFIX + ("hosts" if on(service, "hosts") else "default_backend"))
        named = [(held(other.key) or (meant(other.key),))[0] for other in service.labels]
        if label and (on(service, "hosts") or on(service, "default_backend")) and _PORT not in named:
            port = service.ports[0].target if len(service.ports) == 1 else "the port that the container listens on"

            fixes = _fixes.add_label(service, _PORT, str(port), safe=False) if len(service.ports) == 1 else ()
            says = f"{service.key} has {label.key}, but no {_PORT}"
            yield Hit(label.key_place, says, f"{_PORT}: {port}", fixes=fixes)


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="this version ignores the label without a word",
)
def label_of_later_version(ingress: Ingress) -> Iterator[Hit]:
    """A label that this version of UCP or MKE does not know, or that only the latest ones know.

    Older versions ignore it without a word. `max_fails` and `fail_timeout` came with MKE 3.8.16 and 3.9.6,
    `backend_mode` with UCP 3.0.3 (by its release notes 3.0.8) and 3.1.2. `--interlock-version` says which version it
    is.
    """
    version = ingress.version
    for name, spec in LABELS.items():
        known = reached(version, spec.since)
        if known or (known is None and not spec.since.startswith("MKE")):
            continue
        for stack in ingress.stacks:
            for _, label in labels(stack, name):
                says = f"{label.key} is known from {spec.since} on, and "
                if known is None:
                    yield Hit(label.key_place, f"{says}ignored before", "", Severity.INFO, Breaks.NOTHING)
                else:
                    yield Hit(label.key_place, f"{says}{version} ignores it")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def legacy_label(stack: Stack) -> Iterator[Hit]:
    """A label of the HTTP routing mesh (UCP up to 2.2) or of Interlock 1.

    UCP 3 translates mesh labels when it is upgraded and when it meets them later, and never reads the old ones again;
    what is in the file and what is in force drift apart. Interlock 1's labels, which stood on containers, mean nothing
    to it.
    """
    for service in stack.services:
        labels = (*service.labels, *service.container_labels)
        mesh = [label for label in labels if is_mesh(label.key)]
        one = [label for label in labels if is_one(label.key)]
        for label in mesh:
            says = f"{label.key} is a label of the routing mesh of UCP 2: Interlock does not read it"
            help = _help(from_mesh(mesh)) if label is mesh[0] else _see(mesh[0])
            yield Hit(label.key_place, says, help, fixes=_legacy_label_fix(service, mesh, from_mesh(mesh)))
        for label in one:
            says = f"{label.key} is a label of Interlock 1: Interlock 2 and 3 do not read it"
            help = _help(from_one(one)) if label is one[0] else _see(one[0])
            yield Hit(label.key_place, says, help, fixes=_legacy_label_fix(service, one, from_one(one)))


def _see(first: Label) -> str:
    return f"what stands for {first.key} and this together"


def _help(new: Successors) -> str:
    lines = [f'{key}: "{value}"' if value in ("true", "") else f"{key}: {value}" for key, value in new.labels.items()]
    return "\n".join([*lines, *(f"({note})" for note in new.notes)])


def _legacy_label_fix(service: Service, old: list[Label], new: Successors) -> tuple[Fix, ...]:
    """The new labels in the place of the old ones; none where they are in several places, or hold variables, or where
    one service would have to become several."""
    around = {(label.place.file, label.place.path[:-1]) for label in old}
    taken = any(service.label(key) is not None for key in new.labels)
    if len(around) > 1 or taken or not new.labels or any("$" in label.written for label in old):
        return ()
    if any(note.startswith("one service per port") for note in new.notes) or PREFIX + "hosts" not in new.labels:
        return ()
    edits: list[Edit] = []
    pairs = list(new.labels.items())
    for label, (key, value) in zip(old, pairs, strict=False):
        place = label.place._replace(chars=None)
        in_list = label.place.chars is not None
        edits += [Edit("write", place, f"{key}={value}")] if in_list else [
            Edit("write", label.key_place, key), Edit("write", place, value)
        ]  # fmt: skip
    edits += [Edit("remove", label.place._replace(chars=None)) for label in old[len(pairs) :]]
    whole = Place(old[0].place.file, old[0].place.path[:-1])
    edits += [Edit("insert", whole, value, key) for key, value in pairs[len(old) :]]
    names = ", ".join(key.removeprefix(PREFIX) for key in new.labels)
    return (Fix(f"write {PREFIX}{names} in their place", tuple(edits), False),)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def dead_label(stack: Stack) -> Iterator[Hit]:
    """A label stood in the first documentation and does nothing, or harm.

    `ssl_only` was never read: write redirects from `http://` to `https://` of the same host. `ssl_backend` and
    `ssl_backend_tls_verify` left the documentation in 2019; the published template renders `proxy_pass https://` for
    the former, without target and semicolon, which nginx refuses. Use `ssl_passthrough` for a service that speaks TLS
    itself.
    """
    for name, spec in LABELS.items():
        for service, label in labels(stack, name) if spec.dead else ():
            harmful = name == "ssl_backend" and is_true(label.value)
            yield Hit(
                label.key_place,
                f"{label.key} {spec.dead}",
                _living_label(name, service),
                None if harmful else Severity.WARNING,
                None if harmful else Breaks.ROUTE,
                _dead_label_fix(name, service, label),
            )


def _living_label(name: str, service: Service) -> str:
    hosts = service.label(PREFIX + "hosts")
    if name == "ssl_only" and hosts is not None:
        names = [host.text for host in parse_hosts(hosts.value)]
        return f"{PREFIX}redirects: " + ";".join(f"http://{name},https://{name}" for name in names)
    return f'{PREFIX}ssl_passthrough: "true" for a service that speaks TLS itself, or no label'


def _dead_label_fix(name: str, service: Service, label: Label) -> tuple[Fix, ...]:
    """Redirects for ssl_only; what is off taken away."""

    hosts = service.label(PREFIX + "hosts")
    if not is_true(label.value):
        return _fixes.remove(label.place, "it") if "$" not in label.written else ()
    if name != "ssl_only" or hosts is None or "$" in hosts.written or service.label(PREFIX + "redirects") is not None:
        return ()
    pairs = ";".join(f"http://{host.text},https://{host.text}" for host in parse_hosts(hosts.value))
    key = PREFIX + "redirects"
    place = label.place._replace(chars=None)
    edits: tuple[Edit, ...] = (Edit("write", label.key_place, key), Edit("write", place, pairs))
    if label.place.chars is not None:
        edits = (Edit("write", place, f"{key}={pairs}"),)
    return (Fix(f"write {key}: {pairs}", edits, False),)


@rule(on=Source, severity=Severity.WARNING)
def label_without_key(source: Source) -> Iterator[Hit]:
    """A label has a value, but no key.

    In a list, `=value` is a label whose key is the empty string: docker and the managers take it, and nobody reads it.
    Often a variable or a copied placeholder stood in front of the equals sign.
    """
    services = setting(source.data, "services") if isinstance(source.data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        for part in (("labels",), ("deploy", "labels")):
            for index, item in entries(service, *part) if isinstance(service, dict) else ():
                if isinstance(item, str) and item.startswith("=") and len(item) > 1:
                    place = Place(source.name, ("services", name, *part, index))
                    yield Hit(place, f'"{item}" is a label without a key', "the name of the label before the =")
