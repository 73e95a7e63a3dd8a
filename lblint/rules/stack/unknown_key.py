"""A key that the format of a stack does not have at this place.

Docker refuses the whole file for one unknown key: a slip (`lables`), a key one level too high or too low, a label that
stands straight under `deploy:`, or a key of docker-compose that stacks never had (`profiles`, `platform`). Keys of
one's own begin with `x-`: at the top from version 3.4, in a service, network, volume, secret or config from 3.7.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fault, Fix, Hit, Path, Place, Severity
from lblint.rules import rule
from lblint.rules._compose import instead
from lblint.rules._words import near
from lblint.stack import Stack

_INSIDE = (("networks",), ("volumes",), ("secrets",), ("configs",))
_MANY = 14
"""Keys that are listed at most."""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.unknown-key",))
def check(stack: Stack) -> Iterator[Hit]:
    forbidden = {fault.place for fault in stack.faults if fault.kind == "forbidden.key"}
    for fault in stack.faults:
        if fault.kind == "schema.unknown-key" and fault.place not in forbidden:
            said, advice = _judge(fault, fault.place.path)
            inside = fault.place.path[0] == "services" and fault.place.path[1:2] in _INSIDE
            place = Place(fault.place.file, fault.place.path[:2], key=True) if inside else fault.place
            fixes = () if inside else _fix(fault)
            yield Hit(place, said if inside else f"{said}; docker: {fault.told}", advice, fixes=fixes)


_HOMES = {
    "cpus": ("limits", "cpus"), "mem_reservation": ("reservations", "memory"), "pids_limit": ("limits", "pids"),
}  # fmt: skip
"""Keys of docker-compose that stand below `deploy.resources` here."""


def _fix(fault: Fault) -> tuple[Fix, ...]:
    """The key as it was surely meant, or in the one place where it may stand."""
    from lblint.rules._mend import rename, sole

    key, place = str(fault.facts["key"]), fault.place._replace(key=False)
    path = place.path
    allowed = _names(fault.facts.get("allowed"))
    in_service = path[0] == "services" and len(path) == 3
    if "." in key and path[0] == "services" and (path[2:3] == ("deploy",) or key.startswith("com.docker.lb.")):
        return _moved(place, (*path[:2], "deploy", "labels"), key)
    if key.startswith("x-"):
        return ()
    meant = sole(key, allowed)
    if meant:
        return rename(fault.place, meant)
    if in_service and key in _HOMES:
        section, name = _HOMES[key]
        return _moved(place, (*path[:2], "deploy", "resources", section), name)
    if in_service and key == "scale":
        return _moved(place, (*path[:2], "deploy"), "replicas")
    homes = [home.split(".") for home in _names(fault.facts.get("elsewhere")) if home and "[]" not in home]
    near = [home for home in homes if in_service and home[:2] == ["services", "*"] and len(home) > 2]
    if len(near) == 1 and len(homes) == 1 and not instead(key, path):
        return _moved(place, (*path[:2], *near[0][2:]), key)
    return ()


def _moved(place: Place, to: Path, key: str) -> tuple[Fix, ...]:
    where = ".".join(map(str, to[2:]))
    return (Fix(f"move it to {where}: {key}", (Edit("move", place, key=key, to=to),)),)


def _judge(fault: Fault, path: Path) -> tuple[str, str]:
    key = str(fault.facts["key"])
    allowed = [str(name) for name in _names(fault.facts.get("allowed"))]
    where = _where(path[:-1])
    said = f"'{key}' is no key {where}"
    if path[0] == "services" and path[1:2] in _INSIDE:
        said = f"`{path[1]}:` stands inside `services:`, so docker takes it for a service and refuses its keys"
        return said, f"`{path[1]}:` further left, at the level of `services:`"
    if "." in key and path[:1] == ("services",) and (path[2:3] == ("deploy",) or len(path) == 3):
        level = "deploy.labels" if path[2:3] == ("deploy",) or key.startswith("com.docker.lb.") else "labels"
        return f"the label '{key}' stands straight {where.replace('of', 'below', 1)}", f"it below `{level}:`"
    if key.startswith("x-"):
        return said, "it at the top, or in a service, network, volume, secret or config (from 3.7)"
    meant = near(key, allowed, 1)
    if meant is not None:
        return said, meant
    other = instead(key, path)
    if other:
        return f"'{key}' is a key of docker-compose that stacks do not have", other
    home = _home(_names(fault.facts.get("elsewhere")), path)
    if home is not None and home[1] > (1 if len(path) > 1 else 0):
        return said, f"it {home[0]}"
    meant = near(key, allowed)
    if meant is not None:
        return said, meant
    if home is not None:
        return said, f"it {home[0]}"
    if len(path) == 1:
        return said, "services below `services:`; a key of your own begins with x-"
    listed = ", ".join(allowed[:_MANY]) + (", …" if len(allowed) > _MANY else "")
    return said, f"one of {listed}" if listed else ""


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def _where(around: Path) -> str:
    if not around:
        return "at the top of a stack file"
    steps = [f"[{step}]" if isinstance(step, int) else step for step in around]
    return "of " + ".".join(steps).replace(".[", "[")


def _home(elsewhere: list[str], path: Path) -> tuple[str, int] | None:
    """Where else the key may stand, the nearest places in words; and how many steps those share with `path`."""
    ranked: list[tuple[int, int, str]] = []
    for place in elsewhere:
        steps = place.replace("[]", "").split(".") if place else []
        shared = 0
        for step, own in zip(steps, path[:-1], strict=False):
            if step not in ("*", own):
                break
            steps[shared] = str(own)
            shared += 1
        ranked.append((shared, -len(steps), ".".join(steps).replace("*", "<name>")))
    if not ranked:
        return None
    best = max(ranked)[:2]
    names = [f"below `{name}:`" if name else "at the top of the file" for *rank, name in ranked if tuple(rank) == best]
    return " or ".join(names[:3]), best[0]
