"""Rules on the keys of Interlock's labels: which there are, where they are written, what they need."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import KEYS, LABELS, PREFIX, Ingress
from lblint.interlock.hosts import parse_hosts
from lblint.interlock.label_spelling import held, meant
from lblint.interlock.label_words import is_true
from lblint.interlock.legacy_labels import Successors, from_mesh, from_one, is_mesh, is_one
from lblint.interlock.owner_policy import ACCESS_LABEL
from lblint.interlock.routes import replicas
from lblint.interlock.version import reached
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.rules._labels import labels, on, value_hit
from lblint.rules._wording import near
from lblint.source import Source
from lblint.stack import Label, Service, Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def unknown_label(stack: Stack) -> Iterator[Hit]:
    """A label begins with com.docker.lb. and Interlock does not know it.

    Interlock ignores such a label without a warning, so the route works without it or not at all. `lblint labels` lists
    the labels that Interlock reads. None of them has an index (`hosts.1`): a service has one port and one path. For a
    second port or path, make a second service.
    """
    for service in stack.services:
        for label in service.labels:
            if not label.key.startswith(PREFIX) or label.key in KEYS or held(label.key):
                continue
            wanted = meant(label.key)
            if wanted in KEYS:
                index = ", because no label has an index" if label.key[-1:].isdigit() else ""
                says = f'Interlock ignores the label "{label.key}"{index}'
                fixes = _fixes.key_fix(service, label, wanted)
                yield Hit(label.key_place, says, _renaming(service, wanted), fixes=fixes)
            elif "$" in label.key:
                says = f'docker replaces variables only in values, so the label is called "{label.key}"'
                yield Hit(label.key_place, says, "write the whole name of the label", Severity.WARNING)
            else:
                says = f'Interlock does not know the label "{label.key}"'
                yield Hit(label.key_place, says, "", Severity.WARNING)


def _renaming(service: Service, wanted: str) -> str:
    """What to do with a misspelt key: the right one, unless the service has that label already."""
    if service.label(wanted) is None:
        return f"write {wanted}"
    if wanted in _LISTS:
        return f"add the value to {wanted}"
    return f"remove it; the service already has {wanted}"


_LISTS = {PREFIX + name for name in ("hosts", "websocket_endpoints", "redirects")}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def misspelt_label_prefix(stack: Stack) -> Iterator[Hit]:
    """A label looks like one of Interlock's, but does not begin with com.docker.lb.

    Interlock reads only keys that begin with `com.docker.lb.` in lower case. It ignores all others without a warning,
    so the route works without the label or not at all.
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
                    f'Interlock ignores the label "{key}", because it does not begin with {PREFIX}'
                    if not key.strip().startswith(PREFIX)
                    else f'Interlock ignores the label "{key}", because it begins with a space',
                    _renaming(service, wanted),
                    severity=None if known else Severity.WARNING,
                    fixes=_fixes.key_fix(service, label, wanted),
                )


_ROUTING = {PREFIX + "hosts", PREFIX + "port", PREFIX + "default_backend"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def label_on_container(stack: Stack) -> Iterator[Hit]:
    """Labels of Interlock are under labels of the service, which sets them on its containers.

    Interlock reads the labels of services, which stack files set under `deploy: labels:`. Docker accepts both places
    and the deploy succeeds, but the service has no route. Move the labels under `deploy.labels`. All misplaced labels
    of a service are one finding, at the first of them.
    """
    for service in stack.services:
        read_labels = [label for label in service.container_labels if meant(label.key) in KEYS]
        lost = [label for label in read_labels if service.label(label.key) is None]
        twins = [(label, twin) for label in read_labels if (twin := service.label(label.key)) is not None]
        routed = any(label.key in _ROUTING for label in service.labels)
        if lost:
            routing = any(label.key in _ROUTING for label in read_labels) and not routed
            # without a route it may not be a stack at all
            safe = routed or any(meant(label.key) in _ROUTING for label in read_labels)
            fix = _moved(lost, safe)
            yield Hit(
                lost[0].key_place,
                f"{_listed(lost)} under services.{service.key}.labels, and Interlock reads only deploy.labels",
                fix.title,
                severity=None if routing and any(label.key in KEYS for label in lost) else Severity.WARNING,
                fixes=(fix,),
                related=tuple(label.key_place for label in lost[1:]),
            )
        if twins:
            same = all(label.value == twin.value for label, twin in twins)
            them = "it" if len(twins) == 1 else "them"
            edits = tuple(Edit("remove", label.place._replace(chars=None)) for label, _ in twins)
            yield Hit(
                twins[0][0].key_place,
                f"{_listed([label for label, _ in twins])} also under services.{service.key}.labels, and Interlock "
                "reads only deploy.labels",
                f"remove {them} here" if same else f"remove {them} here, and keep the right value under deploy.labels",
                severity=Severity.WARNING,
                fixes=(Fix(f"remove {them} here", edits),) if same else (),
                related=tuple(label.key_place for label, _ in twins[1:]),
            )


def _listed(labels: list[Label]) -> str:
    """The keys of labels as the subject of a sentence, with its verb."""
    keys = [label.key for label in labels]
    if len(keys) > 4:
        keys[3:] = [f"{len(keys) - 3} more labels"]
    return f"{' and '.join(filter(None, (', '.join(keys[:-1]), keys[-1])))} {'is' if len(keys) == 1 else 'are'}"


def _moved(labels: list[Label], safe: bool) -> Fix:
    """All of the labels together moved under `deploy.labels`."""
    places = [label.place._replace(chars=None) for label in labels]
    edits = [Edit("move", place, to=(*place.path[:2], "deploy", "labels")) for place in places]
    return Fix(f"move {'it' if len(edits) == 1 else 'them'} under deploy.labels", tuple(edits), safe)


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.NOTHING)
def labels_in_labels(stack: Stack) -> Iterator[Hit]:
    """The key labels is repeated inside labels.

    With entries below the inner `labels:` docker refuses the file. With nothing below it docker creates a label called
    "labels", and the entries next to it are labels as intended. Remove the inner `labels:`.
    """
    for service in stack.services:
        for label in (*service.labels, *service.container_labels):
            if label.key == "labels" and not label.value:
                yield Hit(
                    label.key_place,
                    'the key labels is repeated inside labels, which creates an empty label called "labels"',
                    "remove it",
                    fixes=_fixes.remove(label.place, "it"),
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def label_key_holds_value(stack: Stack) -> Iterator[Hit]:
    """The key of a label contains its value.

    In a list, labels are written `key=value`. With a colon inside quotes (`- "com.docker.lb.port: 8080"`) the whole
    string is the key, and the value is empty. In a mapping, labels are written `key: value`, and `key=value` has the
    same effect. Docker accepts both without a warning, and Interlock ignores a label of that name.
    """
    for service in stack.services:
        for label in service.labels:
            parts = held(label.key)
            if parts is None:
                continue
            key, value = parts
            in_list = label.key_place.chars is not None
            # what follows an `=` further on was cut off as the value
            value = f"{value}={label.value}" if in_list and label.value else value
            yield Hit(
                label.key_place,
                f'the whole string "{label.key}" is the key of this label, so {key} is not set',
                f"write {key}={value}" if in_list else f"write {key}: {value}",
                None if "=" in label.key or ":" in label.key else Severity.WARNING,
                fixes=_split(service, label, key, value),
            )


def _split(service: Service, label: Label, key: str, value: str) -> tuple[Fix, ...]:
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
    """YAML reads the value of a label as a number, and docker writes it with other digits.

    Without quotes `0777` is octal and becomes 511, `1.10` becomes 1.1, and `1_000` and `1e3` become 1000. Put the value
    in quotes, and it stays as written.
    """
    for service in stack.services:
        for label in service.labels:
            changed = not isinstance(label.raw, str | bool | dict | list | None) and label.written != label.value
            if changed and label.key in KEYS:
                severity, meant = _severity(label), _unchanged(label)
                yield Hit(
                    label.place,
                    f'{label.key}: YAML reads {label.written} as a number, so the value is "{label.value}"',
                    f'write "{meant}"',
                    severity,
                    Breaks.NOTHING if severity is Severity.INFO else None,
                    _fixes.write(label.place, meant, title=f'write "{meant}"'),
                )


def _unchanged(label: Label) -> str:
    """The value as it is written; for a port, digits."""
    if label.key != PREFIX + "port":
        return label.written
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
    """The value of a label contains a line break or another control character.

    A block scalar (`|` or `>`) ends with a line break unless it is written `|-` or `>-`, and pasted values may contain
    other control characters. nginx splits words at some of them, so a directive gets too many or too few arguments, and
    names that Interlock compares no longer match. Write the value on one line.
    """
    for service in stack.services:
        for label in service.labels:
            spec = KEYS.get(label.key)
            for problem in spec.problems(label.value) if spec else ():
                if problem.kind == "control-character":
                    yield value_hit(label, problem)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def label_needs_another(stack: Stack) -> Iterator[Hit]:
    """A label needs another label that the service does not have.

    With `ssl_cert` and without `ssl_key` nginx refuses the whole config. `ssl_key` without `ssl_cert` and
    `context_root_rewrite` without `context_root` have no effect. Add the missing label.
    """
    for name, spec in LABELS.items():
        for service, label in labels(stack, name) if spec.needs else ():
            for other in spec.needs:
                if on(service, name) and not on(service, other.name, other.value):
                    verb = "add" if service.label(PREFIX + other.name) is None else "set"
                    yield Hit(
                        label.key_place,
                        f"{label.key} is set without {PREFIX}{other.name}; {other.says}",
                        f"{verb} {PREFIX}{other.name}{_counterpart(stack, label, other.name)}",
                        other.severity,
                        other.breaks,
                    )


def _counterpart(stack: Stack, label: Label, other: str) -> str:
    """The value of the missing label: the stack's secret of the same name for the other part, or what it is."""
    name = label.value.strip()
    if other not in ("ssl_cert", "ssl_key"):
        return " with the path to remove"
    words = ("key", "private") if other == "ssl_key" else ("cert", "crt", "certificate", "pem")
    old = next((old for old in ("certificate", "cert", "crt", "key") if old in name), "")
    for secret in stack.secrets.values():
        if secret.name and old and secret.name in {name.replace(old, word) for word in words} - {name}:
            return f": {secret.name}"
    part = "private key" if other == "ssl_key" else "certificate"
    return f" with the name of the secret that holds the {part} for {name}" if name else ""


_EXCLUDING = {name: spec.excludes for name, spec in LABELS.items() if spec.excludes}


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def labels_exclude_each_other(stack: Stack) -> Iterator[Hit]:
    """Two labels of a service do not work together.

    The proxy's template uses one of them, and the other is left out or has no effect: websocket endpoints with a
    context root, any label that needs to read requests with TLS passthrough, sticky sessions with the virtual IP.
    """
    for name, excludes in _EXCLUDING.items():
        for service, label in labels(stack, name):
            for other in excludes:
                if on(service, name) and on(service, other.name, other.value):
                    second = PREFIX + other.name + (f": {other.value}" if other.value else "")
                    yield Hit(
                        label.key_place,
                        f"{label.key} does not work with {second}; {other.says}",
                        f"remove {label.key} or {second}",
                        other.severity,
                        other.breaks,
                    )


@rule(on=Stack, severity=Severity.INFO, consequence="nginx always keeps the only server in use")
def max_fails_of_one_server(stack: Stack) -> Iterator[Hit]:
    """The label max_fails or fail_timeout has no effect, because the upstream has only one server.

    nginx does not count failures of the only server of an upstream. With `backend_mode: vip` all tasks are one server,
    and a service with one replica has one server too.
    """
    for name in ("max_fails", "fail_timeout"):
        for service, label in labels(stack, name):
            if any(KEYS[label.key].problems(label.value)) or label.value.strip() == "0":
                continue
            vip = service.label(PREFIX + "backend_mode")
            mode = setting(service.config, "deploy", "mode") or ""
            if vip is not None and vip.value.strip() == "vip":
                why, advice = f"with {vip.key}: vip all tasks are one server", f"remove it, or remove {vip.key}"
            elif mode in ("", "replicated") and replicas(service.config) == 1:
                why, advice = f"{service.key} has one replica", "remove it, or set deploy.replicas to 2 or more"
            else:
                continue
            yield Hit(label.key_place, f"{label.key} has no effect, because {why}", advice)


@rule(on=Stack, severity=Severity.WARNING, consequence="the service may end up in the wrong collection")
def access_label_ignored(stack: Stack) -> Iterator[Hit]:
    """The access label is set on containers, or its key is misspelt.

    UCP and MKE read com.docker.ucp.access.label, the path of a collection, from the labels of services, which stack
    files set under `deploy: labels:`. They ignore it on containers, and they ignore a misspelt key.
    """
    for service in stack.services:
        for label in service.container_labels:
            if label.key == ACCESS_LABEL or near(label.key, [ACCESS_LABEL]):
                yield Hit(
                    label.key_place,
                    f"{label.key} is under services.{service.key}.labels, and UCP reads only deploy.labels",
                    "move it under deploy.labels"
                    if label.key == ACCESS_LABEL
                    else f"move it under deploy.labels as {ACCESS_LABEL}",
                )
        for label in service.labels:
            if label.key != ACCESS_LABEL and near(label.key, [ACCESS_LABEL]):
                free = service.label(ACCESS_LABEL) is None and "$" not in label.key
                fixes = _fixes.rename(label.key_place, ACCESS_LABEL) if free else ()
                advice = f"write {ACCESS_LABEL}" if service.label(ACCESS_LABEL) is None else "remove it"
                yield Hit(label.key_place, f'UCP ignores the label "{label.key}"', advice, fixes=fixes)


_NAMING = {PREFIX + "hosts", PREFIX + "default_backend"}


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def missing_hosts(stack: Stack) -> Iterator[Hit]:
    """A service has labels of Interlock, but neither hosts nor default_backend.

    Interlock makes a route only for a service with host names or for a default backend, which serves the requests for
    all other hosts. Without either the other labels have no effect. Add `com.docker.lb.hosts`.
    """
    for service in stack.services:
        labels = [label for label in service.labels if label.key in KEYS]
        named = any((held(label.key) or (meant(label.key),))[0] in _NAMING for label in service.labels)
        inner = any(label.key == "labels" for label in service.labels)  # the hosts may be below it
        misplaced = any(meant(label.key) in _NAMING for label in service.container_labels)
        if labels and not (named or inner or misplaced):
            first = next((label for label in labels if label.key == PREFIX + "port"), labels[0])
            yield Hit(
                first.key_place,
                f"{service.key} has {first.key} but no {PREFIX}hosts, so it has no route",
                f"add {PREFIX}hosts with the host names of {service.key}",
            )


_PORT = PREFIX + "port"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def missing_port(stack: Stack) -> Iterator[Hit]:
    """A service has host names for its route, but no port.

    Interlock's documentation requires both labels: the proxy sends requests to the address of a task and this port. Add
    the port on which the container listens. It need not be published.
    """
    for service in stack.services:
        label = service.label(PREFIX + ("hosts" if on(service, "hosts") else "default_backend"))
        named = [(held(other.key) or (meant(other.key),))[0] for other in service.labels]
        if label and (on(service, "hosts") or on(service, "default_backend")) and _PORT not in named:
            says = f"{service.key} has {label.key} but no {_PORT}"
            if len(service.ports) == 1:
                port = str(service.ports[0].target)
                fixes = _fixes.add_label(service, _PORT, port, safe=False)
                yield Hit(label.key_place, says, f"add {_PORT}: {port}", fixes=fixes)
            else:
                yield Hit(label.key_place, says, f"add {_PORT} with the port that the container listens on")


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="this version ignores the label without a warning",
)
def label_of_later_version(ingress: Ingress) -> Iterator[Hit]:
    """A label needs a later version of UCP or MKE.

    Older versions ignore it without a warning. `max_fails` and `fail_timeout` exist since MKE 3.8.16 and 3.9.6,
    `backend_mode` since UCP 3.0.3 (3.0.8 according to its release notes) and 3.1.2. Set your version with
    `--interlock-version`.
    """
    version = ingress.version
    for name, spec in LABELS.items():
        known = reached(version, spec.since)
        if known or (known is None and not spec.since.startswith("MKE")):
            continue
        for stack in ingress.stacks:
            for _, label in labels(stack, name):
                product = "" if spec.since.startswith("MKE") else "UCP "
                says = f"{label.key} needs {product}{spec.since} or later"
                if known is None:
                    advice = "set your version with --interlock-version to check this"
                    yield Hit(label.key_place, says, advice, Severity.INFO, Breaks.NOTHING)
                else:
                    yield Hit(label.key_place, f"{says}, and {version} ignores it", "remove it, or upgrade")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def legacy_label(stack: Stack) -> Iterator[Hit]:
    """A label belongs to the HTTP routing mesh (UCP up to 2.2) or to Interlock 1.

    UCP 3 translates labels of the routing mesh once, and Interlock then reads only the new labels, so a later change of
    the old ones in the file has no effect. Interlock 2 and 3 do not read the labels of Interlock 1, which were set on
    containers. Replace them with the labels of `com.docker.lb.`.
    """
    for service in stack.services:
        labels = (*service.labels, *service.container_labels)
        mesh = [label for label in labels if is_mesh(label.key)]
        interlock_1 = [label for label in labels if is_one(label.key)]
        for label in mesh:
            says = f"{label.key} is a label of the routing mesh of UCP 2, which Interlock does not read"
            help = _help(from_mesh(mesh)) if label is mesh[0] else _see(mesh[0])
            yield Hit(label.key_place, says, help, fixes=_legacy_label_fix(service, mesh, from_mesh(mesh)))
        for label in interlock_1:
            says = f"{label.key} is a label of Interlock 1, which Interlock 2 and 3 do not read"
            help = _help(from_one(interlock_1)) if label is interlock_1[0] else _see(interlock_1[0])
            yield Hit(label.key_place, says, help, fixes=_legacy_label_fix(service, interlock_1, from_one(interlock_1)))


def _see(first: Label) -> str:
    return f"replace it together with {first.key}"


def _help(new: Successors) -> str:
    lines = [f'{key}: "{value}"' if value in ("true", "") else f"{key}: {value}" for key, value in new.labels.items()]
    head = "replace it with these labels under deploy.labels:" if lines else "replace it:"
    return "\n".join([head, *(f"  {line}" for line in lines), *new.notes])


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
    return (Fix(f"replace it with {PREFIX}{names}", tuple(edits), False),)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def dead_label(stack: Stack) -> Iterator[Hit]:
    """A label of Interlock's first documentation has no effect, or breaks the proxy.

    Interlock never read `ssl_only`: write redirects from `http://` to `https://` of the same host. `ssl_backend` and
    `ssl_backend_tls_verify` have not been documented since 2019. For `ssl_backend` the published template writes
    `proxy_pass https://` without a target and a semicolon, which nginx refuses. Use `ssl_passthrough` for a service
    that speaks TLS itself.
    """
    for name, spec in LABELS.items():
        for service, label in labels(stack, name) if spec.dead else ():
            harmful = name == "ssl_backend" and is_true(label.value)
            yield Hit(
                label.key_place,
                f"{label.key} {spec.dead}",
                _replacement(name, service, label),
                None if harmful else Severity.WARNING,
                None if harmful else Breaks.ROUTE,
                _dead_label_fix(name, service, label),
            )


def _replacement(name: str, service: Service, label: Label) -> str:
    """What to do with a label that must not be used."""
    hosts = service.label(PREFIX + "hosts")
    if not is_true(label.value) or name == "ssl_backend_tls_verify":
        return "remove it"
    if name == "ssl_only" and hosts is not None:
        names = [host.text for host in parse_hosts(hosts.value)]
        return f"write {PREFIX}redirects: " + ";".join(f"http://{name},https://{name}" for name in names)
    return f'remove it; if {service.key} speaks TLS itself, add {PREFIX}ssl_passthrough: "true"'


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

    In a list, `=value` is a label whose key is the empty string. Docker accepts it, and nothing reads it. Often a
    variable or a placeholder in front of the equals sign was removed.
    """
    services = setting(source.data, "services") if isinstance(source.data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        for part in (("labels",), ("deploy", "labels")):
            for index, item in entries(service, *part) if isinstance(service, dict) else ():
                if isinstance(item, str) and item.startswith("=") and len(item) > 1:
                    place = Place(source.name, ("services", name, *part, index))
                    yield Hit(place, f'"{item}" is a label without a key', "write the name of the label before the =")
