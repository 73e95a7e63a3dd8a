"""Which findings break which routes and proxies of a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lblint.finding import Breaks
from lblint.interlock import Ingress, Route
from lblint.report.picture.graph import Note
from lblint.stack import Stack


def on_route(route: Route, notes: Iterable[Note]) -> tuple[Note, ...]:
    """What is said of a route: of its service, and the errors that keep its whole stack from being deployed."""
    return tuple(note for note in notes if _of_service(note, route) or _of_stack(note, route.stack))


def on_proxy(ingress: Ingress, routes: Iterable[Route], extension: str, notes: Iterable[Note]) -> tuple[Note, ...]:
    """The errors that hit a proxy as a whole: those of its routes that hit everybody's, those of its extension, and
    those that keep Interlock's core from starting."""
    own = {(file, route.service.key) for route in routes for file in route.stack.files}
    config = ingress.config.file if ingress.config else None

    def stops(note: Note) -> bool:
        found = note.finding
        if config is not None and found.file == config:
            return found.breaks is Breaks.DEPLOY or len(found.path) < 2 or found.path[1] == extension
        return found.breaks is Breaks.PROXY and (found.file, found.service) in own

    return tuple(note for note in notes if note.error and stops(note))


def by_file(notes: Iterable[Note]) -> dict[str, list[Note]]:
    """The notes of each file."""
    found: dict[str, list[Note]] = {}
    for note in notes:
        found.setdefault(note.finding.file, []).append(note)
    return found


def of_files(stack: Stack, files: dict[str, list[Note]]) -> Iterator[Note]:
    """The notes on the files of a stack."""
    for file in stack.files:
        yield from files.get(file, ())


def _of_service(note: Note, route: Route) -> bool:
    return note.finding.service == route.service.key


def _of_stack(note: Note, stack: Stack) -> bool:
    """Whether an error hits the stack as a whole: what no service has, or what docker refuses the file for."""
    found = note.finding
    return note.error and found.breaks is Breaks.DEPLOY and (found.service is None or stack.refused)
