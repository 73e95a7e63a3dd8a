"""Fixes that several rules offer. Imported where something is found, and not before."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lblint.finding import Edit, Fix, Place
from lblint.interlock import KEYS, PREFIX
from lblint.interlock.hosts import WITH_COMMAS
from lblint.interlock.value_problems import Problem, shown, unquoted
from lblint.lazy_re import pattern
from lblint.rules._wording import FEW
from lblint.spelling import distance
from lblint.stack import Label, Service

Fixes = tuple[Fix, ...]
_LONGEST = 60
_NAMES = pattern(r"[A-Za-z0-9._-]++(?:[ ,;][A-Za-z0-9._-]++)*")


def write(place: Place, value: Any, safe: bool = True, title: str = "", bare: bool = False) -> Fixes:
    """One value written in the place of another. `bare` writes a text as it is: a number in other digits, say."""
    title = title or f"write {_quoted(value) if isinstance(value, str) and not bare else _literal(value)}"
    return (Fix(title, (Edit("write", place, value, bare=bare),), safe),)


def _literal(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: str) -> str:
    """A text in a title: in quotes where it is empty, long or has spaces around it."""
    plain = value and value.isprintable() and len(value) < _LONGEST and value == value.strip()
    return value if plain else shown(value)


def rename(place: Place, key: str, safe: bool = True) -> Fixes:
    """A key, or the part of a list entry that is one, under another name."""
    return (Fix(f"write {key}", (Edit("write", place, key),), safe),)


def remove(place: Place, what: str, safe: bool = True) -> Fixes:
    """An entry taken away."""
    return (Fix(f"remove {what}", (Edit("remove", place._replace(key=False, chars=None)),), safe),)


def written(label: Label, value: str, safe: bool = True, title: str = "") -> Fixes:
    """Another value of a label; none where it holds variables."""
    if "$" in label.written or "$" in value:
        return ()
    return write(label.place, value, safe, title)


def add_label(service: Service, key: str, value: str, safe: bool = True) -> Fixes:
    """One more label of a service, after its last one."""
    if "$" in value or not service.labels or service.label(key) is not None:
        return ()
    place = service.labels[-1].place
    edit = Edit("insert", Place(place.file, place.path[:-1]), value, key)
    return (Fix(f"add {key}: {value}", (edit,), safe),)


def version(place: Place, to: str, there: bool, safe: bool = True) -> Fixes:
    """The version of a file; at its top where it has none."""
    top = Place(place.file)
    edit = Edit("write", top.child("version"), to) if there else Edit("insert", top, to, "version")
    return (Fix(f'write version: "{to}"', (edit,), safe),)


def sole(word: str, known: Collection[str], most: int = 1) -> str:
    """The one known word that is at most so many slips away, and nearer than all others; "" where there is none, and
    among many, as everyone of many may have to be looked up in them."""
    if not 2 < len(word) < 60 or len(known) > FEW:
        return ""
    far = sorted((distance(word, other, most), other) for other in set(known))
    near = [other for slips, other in far if slips == far[0][0]]
    return near[0] if len(near) == 1 and far[0][0] <= min(most, len(word) // 3) else ""


def corrected(place: Place, word: str, known: Collection[str], safe: bool = True) -> Fixes:
    """The one known word that was meant, where a single slip is all that is between."""
    meant = sole(word.replace("_", "-"), known) or sole(word, known)
    return write(place, meant, safe) if meant else ()


def only(key: str, wanted: str) -> bool:
    """Whether a misspelt key can be meant for no other label: the same letters and digits, or at most two slips away
    from it, and further from all others."""
    plain = key.strip().lower()
    if _letters(plain) == _letters(wanted) or plain == wanted:
        return True
    near = distance(plain, wanted, 2)
    return near <= 2 and all(distance(plain, other, near) > near for other in KEYS if other != wanted)


def _letters(key: str) -> str:
    return "".join(char for char in key if char.isalnum())


def key_fix(service: Service, label: Label, wanted: str) -> Fixes:
    """The key that was meant; none where the service has that label."""
    if wanted not in KEYS or "$" in label.key or service.label(wanted) is not None:
        return ()
    return rename(label.key_place, wanted, only(label.key, wanted))


_SAFE = frozenset((
    "typographic", "space", "quote", "duplicate", "empty-element", "empty-pair", "non-ascii", "no-slash",
    "leading-zero", "protocol", "published", "flag", "trailing-slash", "control-character",
))  # fmt: skip
"""Kinds of problems whose offer is what was surely meant."""
_ELEMENT = ("empty-element", "duplicate")


def of_problem(label: Label, problem: Problem, at: Place) -> Fixes:
    """The fix of one problem of a label's value, whose place is `at`; none where a variable is in it."""
    name = label.key.removeprefix(PREFIX)
    if label.unset or label.written != label.value or "$" in label.written:
        return ()
    value, start, end = label.value, problem.start, problem.end
    text = value[start:end]
    safe = problem.kind in _SAFE
    new: str | None = problem.write or None
    if problem.kind == "control-character":
        return _one_line(label, problem)
    if problem.kind in _ELEMENT and "," in value:
        return written(label, ",".join(_once(value, name)))
    if problem.kind == "empty-pair":
        return write(_part(at, label, start, end), "", safe, problem.hint)
    if problem.kind == "scheme":
        safe = new is not None and text.partition("://")[2].rstrip("/") == new
    elif problem.kind == "no-slash":
        safe = text[:1].isalnum()
    elif problem.kind == "port":
        new, safe = "", text in (":80", ":443")
    elif problem.kind == "path" and name == "hosts":
        safe = text.rstrip("/") == problem.write
    elif problem.kind == "character" and problem.hint == WITH_COMMAS:
        new = "," if _NAMES.fullmatch(value) else None
    elif problem.kind == "name":
        safe = text == f"{new}."
    elif problem.kind == "flag":
        new = unquoted(problem.write) or None
    elif problem.kind == "mode":
        safe = text.strip(" \"'").lower() == new
    elif name == "port":
        new = new if new and new.isdecimal() else None
        safe = safe and not text.lower().endswith(("/udp", "/sctp"))
    elif problem.kind == "count":
        new = unquoted(text) if unquoted(text).isdecimal() else None
        safe = True
    elif problem.kind == "never-matches" and new:
        start, end, safe = 0, len(value), text == "//"
        if name != "context_root":
            return ()
    elif problem.kind == "trailing-slash":
        start, end = 0, len(value.rstrip())
    elif problem.kind in ("source-path", "target-path"):
        new, safe = "", text == "/"
    elif problem.kind in ("source-no-scheme", "target-no-scheme"):
        safe = problem.kind == "source-no-scheme" or ("://" in problem.write and text.startswith("http"))
    if new is None:
        return ()
    return write(_part(at, label, start, end), new, safe, _title(value, start, end, new))


def _title(value: str, start: int, end: int, new: str) -> str:
    """What the value is afterwards; where that is long, what is written into it."""
    whole = value[:start] + new + value[end:]
    if len(whole) < _LONGEST:
        return f"write {_quoted(whole)}"
    return f"write {_quoted(new)}" if new else f"remove {shown(value[start:end])}"


def _part(at: Place, label: Label, start: int, end: int) -> Place:
    """The place of a part of a label's value, which the file has to the letter."""
    offset = label.place.chars[0] if label.place.chars else 0
    if label.place.chars is None and not isinstance(label.raw, str):
        return label.place
    return label.place._replace(chars=(offset + start, offset + end))


def _once(value: str, name: str) -> list[str]:
    """The elements of a list, each once and without spaces around; hosts without regard to case."""
    elements: dict[str, str] = {}
    for element in value.split(","):
        plain = element.strip(" ")
        if plain:
            elements.setdefault(plain.lower() if name == "hosts" else plain, plain)
    return list(elements.values())


def _one_line(label: Label, problem: Problem) -> Fixes:
    """The value without the control characters around it."""
    value = label.value.strip("".join(map(chr, range(33))) + "\x7f\x85\xa0\u2028\u2029\ufeff")
    only = value == label.value[: problem.start] + label.value[problem.end :]
    return written(label, value, title=problem.hint if only else "") if value and value.isprintable() else ()


def quoted(place: Place) -> Fixes:
    """The value at a place as a string, to the letter; a label's boolean as Interlock knows it."""
    flag = len(place.path) > 1 and place.path[-2] == "labels" and str(place.path[-1]).startswith(PREFIX)
    return (Fix("quote it", (Edit("quote", place, "lower" if flag else ""),)),)


def pair_item(place: Place, value: object) -> Fixes:
    """An item `- key: value` of a list of `key=value` texts, to the letter."""
    pairs = list(value.items()) if isinstance(value, dict) else []
    parts = [step for step in place.path if step in ("labels", "environment", "args", "sysctls")]
    if len(pairs) != 1 or not parts or not isinstance(place.path[-1], int) or isinstance(pairs[0][1], dict | list):
        return ()
    return (Fix(f"write {pairs[0][0]}=…, with an equals sign", (Edit("pair", place),)),)
