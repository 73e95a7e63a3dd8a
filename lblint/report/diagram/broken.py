"""Which findings break which routes and proxies of a picture."""

from __future__ import annotations

from collections.abc import Iterable

from lblint.finding import Breaks
from lblint.interlock import Ingress, Route
from lblint.report.diagram.graph import Note

OF_STACK = 3
"""So many errors of a whole stack are told at each of its routes; the list of findings has them all."""


class Notes:
    """The findings, by what they are about."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self.all = tuple(notes)
        self.of_service: dict[tuple[str, str | None], list[Note]] = {}
        self.refusals: dict[str, list[Note]] = {}
        for note in self.all:
            found = note.finding
            self.of_service.setdefault((found.file, found.service), []).append(note)
            if note.error and found.breaks is Breaks.DEPLOY:
                self.refusals.setdefault(found.file, []).append(note)

    def on_route(self, route: Route) -> tuple[Note, ...]:
        """What is said of a route: of its service, and the errors that keep its whole stack from being deployed, which
        no service has, or for which docker refuses the files."""
        files, key = route.stack.files, route.service.key
        own = [note for file in files for note in self.of_service.get((file, key), ())]
        of_stack = (note for file in files for note in self.refusals.get(file, ()) if note.finding.service != key)
        wide = [note for note in of_stack if note.finding.service is None or route.stack.refused]
        return (*own, *wide[:OF_STACK])

    def on_proxy(self, ingress: Ingress, routes: Iterable[Route], extension: str) -> tuple[Note, ...]:
        """The errors that hit a proxy as a whole: those of its routes that hit everybody's, those of its extension, and
        those that keep Interlock's core from starting."""
        own = {(file, route.service.key) for route in routes for file in route.stack.files}
        config = ingress.config.file if ingress.config else None

        def hits(note: Note) -> bool:
            found = note.finding
            if config is not None and found.file == config:
                return found.breaks is Breaks.DEPLOY or len(found.path) < 2 or found.path[1] == extension
            return found.breaks is Breaks.PROXY and (found.file, found.service) in own

        return tuple(note for note in self.all if note.error and hits(note))
