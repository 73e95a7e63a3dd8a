"""What the readers, the rules and the report speak in: places, positions, findings."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from lblint.records import NamedTuple, Record

Value = TypeVar("Value")
Path = tuple[str | int, ...]
"""The way from the top of a file to a node: mapping keys and sequence indices, as the author wrote them."""


class Position(NamedTuple):
    """A stretch of text: 1-based lines and columns (in characters); the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class RunningService(NamedTuple):
    """What stands for a file in the places of a service that runs already: they lie in no file of the user's.

    `file_inside` is the path of a file in its containers, where the places lie in that.
    """

    name: str
    file_inside: str = ""

    def __str__(self) -> str:
        return f"service:{self.name}{self.file_inside}"


File = str | RunningService
"""What a place lies in: a file by the name that the user gave it, or a service that runs already."""


class Place(NamedTuple):
    """Where something was written: the one currency for places. `Source.position` turns it into a Position, last.

    `key` means the mapping key at `path` and not its value. `chars` narrows the place to a part of the scalar's text
    (start, end in characters of its value as parsed). `at` stands in where there is no node: a syntax error, a tab.
    """

    file: File
    path: Path = ()
    key: bool = False
    chars: tuple[int, int] | None = None
    at: Position | None = None

    def child(self, *path: str | int) -> Place:
        """The place of a node below this one."""
        return Place(self.file, self.path + path)

    def on_key(self) -> Place:
        """The mapping key at this path instead of its value."""
        return self._replace(key=True, chars=None)


def by_file(values: Mapping[str, Value], place: Place) -> Value | None:
    """What a mapping by the names of files has for the file of a place; None for a service that runs already."""
    return values.get(place.file) if isinstance(place.file, str) else None


class Severity(enum.IntEnum):
    """How sure a finding is: ERROR it will break, WARNING almost surely not what was meant, INFO advice."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


SEVERITIES = tuple(str(severity) for severity in reversed(Severity))
"""The names of the severities, the worst first."""


class Breaks(enum.StrEnum):
    """Who is hurt: everybody behind the proxy, this route alone, the deploy, or nobody yet."""

    PROXY = "proxy"
    ROUTE = "route"
    DEPLOY = "deploy"
    NOTHING = "nothing"


class Stage(enum.StrEnum):
    """How far `docker stack deploy` gets before it stops (docker/cli cli/command/stack/deploy_composefile.go)."""

    CLIENT_BEFORE = "client-before"
    CLIENT_MIDWAY = "client-midway"
    MANAGER_NETWORK = "manager-network"
    MANAGER_OBJECT = "manager-object"
    MANAGER_SERVICE = "manager-service"
    TASKS = "tasks"


class Fault(Record):
    """Something that a reader noticed and passes on, unjudged. Each kind is a class, by which rules pick them.

    `docker` holds the words of the docker client where it refuses the file for it (its first line on stderr).
    """

    place: Place
    docker: str = ""


AnyFault = TypeVar("AnyFault", bound=Fault)


def of_kind(faults: Iterable[Fault], kind: type[AnyFault]) -> Iterator[AnyFault]:
    """Yield the faults of one class, in their order."""
    return (fault for fault in faults if isinstance(fault, kind))


class Edit(NamedTuple):
    """One change to a file, as data; lblint/fix makes text of it.

    `op` is "write": `value` in the place of what stands at `place` (or of its key, or of a part of its text); "quote":
    what stands there, as text (`value` "lower": in lower case); "pair": `key=value` for a mapping of one key; "insert":
    `value` under `key` into the mapping at `place`, which is made where there is none, or `key=value` into the list
    there, or all that a `value` without `key` holds, or a text before the item at `place`; "remove": what stands at
    `place`, and its key; "move": the same into the mapping at the path `to`, under `key` if that is given; "raise": the
    same one mapping up, with `value` left in its place. A text is quoted where YAML would read something else; `bare`
    writes it as it is.
    """

    op: str
    place: Place
    value: Any = None
    key: str = ""
    to: Path = ()
    bare: bool = False


class Fix(NamedTuple):
    """A correction: all of its edits or none. `title` says it in the imperative ("write app.example.org").

    `safe`: what is deployed then means the same, or what was surely meant.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Hit(NamedTuple):
    """What a rule yields: where, what is wrong in the user's words, and what to do about it.

    `help` is an imperative sentence without its full stop; further lines hold what is to be written. `docker` and
    `nginx` hold the words of that program where it has a message of its own; `related` the other places of the same
    mistake. With `each`, every place is a mistake by itself, and a comment silences its own place only.

    `severity` and `breaks`, where given, replace those of the rule: only ever downwards, for what depends on a version
    or on something Interlock does not document.
    """

    place: Place
    message: str
    help: str = ""
    severity: Severity | None = None
    breaks: Breaks | None = None
    fixes: tuple[Fix, ...] = ()
    docker: str = ""
    nginx: str = ""
    related: tuple[Place, ...] = ()
    each: bool = False


class Location(NamedTuple):
    """A position in a file, as reports show it, and the path of the node there."""

    file: str
    position: Position
    path: Path


class Finding(NamedTuple):
    """A hit of one rule, with everything that a report needs, positions included."""

    file: str
    position: Position
    rule: str
    severity: Severity
    breaks: Breaks
    message: str
    consequence: str
    help: str
    path: Path
    stack: str | None
    service: str | None
    fixes: tuple[Fix, ...] = ()
    docker: str = ""
    nginx: str = ""
    related: tuple[Location, ...] = ()
