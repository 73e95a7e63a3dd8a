"""Generations of the docker client: the same file means different things to them.

Source of the facts: the release tags of docker/cli (cli/compose/schema, cli/compose/loader, cli/command/stack/loader).
"""

from __future__ import annotations

from functools import lru_cache

from lblint.lazy_re import pattern
from lblint.records import NamedTuple

NEWEST = (29, 7)
"""The generation taken where none is given: the newest whose sources were read (docker/cli v29.7.2)."""

_RELEASE = pattern(r"v?([0-9]{1,3})(?:\.([0-9]{1,3}))?(?:\.[0-9]{1,3})?(?:[-+~][0-9A-Za-z.+~-]{0,60})?")
# First release that reads a compose schema, newest first: (release, highest minor version of 3.x).
_SCHEMAS = (
    ((27, 0), 13), ((25, 0), 12), ((24, 0), 11), ((23, 0), 10), ((20, 10), 9), ((19, 3), 8),
    ((18, 6), 7), ((18, 2), 6), ((17, 12), 5), ((17, 9), 4), ((0, 0), 3),
)  # fmt: skip

# First release that speaks a version of the API, newest first (moby api/common.go, daemon/config/config.go).
_APIS = (
    ((29, 0), 52), ((28, 3), 51), ((28, 2), 50), ((28, 1), 49), ((28, 0), 48), ((27, 2), 47), ((27, 0), 46),
    ((26, 0), 45), ((25, 0), 44), ((24, 0), 43), ((23, 0), 42), ((20, 10), 41), ((19, 3), 40), ((18, 9), 39),
    ((0, 0), 30),
)  # fmt: skip


def highest_api(release: tuple[int, int]) -> tuple[int, int]:
    """The newest version of the API that a client or an engine of a release speaks, as (major, minor)."""
    return 1, next(minor for first, minor in _APIS if release >= first)


def lowest_api(release: tuple[int, int]) -> tuple[int, int]:
    """The oldest version of the API that a client of a release speaks (moby client/client.go at v29 tags)."""
    return (1, 24) if release < (29, 0) else (1, 44) if release < (29, 3) else (1, 40)


def lowest_engine_api(release: tuple[int, int]) -> tuple[int, int]:
    """The oldest version of the API that an engine of a release takes by default (moby daemon/config/config.go)."""
    return lowest_api(release) if release >= (25, 0) else (1, 12)


class Client(NamedTuple):
    """What one generation of the client does differently.

    `dialect` is that of its YAML parser; `highest` the highest minor version of 3.x that it knows; `default` what a
    missing version means ("1.0", which is refused, before 23.0); `checks_image`: `docker stack deploy` refuses a
    service without a valid image before it does anything; `merges`: several files are merged as since 23.0
    (volumes by target, commands replaced, counts that may become 0); `counts_errors`: what it cannot decode it tells
    with their number, as mitchellh/mapstructure does, and go-viper/mapstructure from 27.0 on does not.
    """

    text: str
    release: tuple[int, int]
    dialect: str
    highest: int
    default: str
    bare: str
    checks_image: bool
    merges: bool
    counts_errors: bool = False

    def version(self, version: str) -> str:
        """The schema version that a `version:` of this text selects."""
        if version == "3":
            return self.bare
        return version if version or self.default == "1.0" else self.default

    def knows(self, version: str) -> bool:
        """Whether there is a schema for a version: exactly `3.0` … `3.<highest>`."""
        match = pattern(r"3\.(0|[1-9][0-9]?)").fullmatch(version)
        return match is not None and int(match[1]) <= self.highest


@lru_cache(maxsize=10)
def parse(text: str) -> Client | None:
    """Read a client version such as `28.2.2`, `v27`, `20.10.24+dfsg1`; None where it is none. "" is the newest."""
    match = _RELEASE.fullmatch(text.strip())
    if text.strip() and match is None:
        return None
    release = (int(match[1]), int(match[2]) if match[2] else _last_minor(int(match[1]))) if match else NEWEST
    highest = next(minor for first, minor in _SCHEMAS if release >= first)
    modern = release >= (23, 0)
    return Client(
        text=text.strip() or ".".join(map(str, NEWEST)),
        release=release,
        dialect="v3" if release >= (28, 0) else "v2",
        highest=highest,
        default=f"3.{highest}" if modern else "1.0",
        bare=f"3.{highest}" if modern else "3.0",
        checks_image=release >= (28, 2),
        merges=modern,
        counts_errors=release < (27, 0),
    )


def client(text: str) -> Client:
    """Like `parse`, the newest generation where the text is no version."""
    return parse(text) or _NEWEST


def _last_minor(major: int) -> int:
    """`18` means 18.09, `20` 20.10: the releases that stayed in use."""
    return {17: 12, 18: 9, 19: 3, 20: 10, 28: 5, 29: 7}.get(major, 99)


_NEWEST = parse("") or Client("29.7", NEWEST, "v3", 13, "3.13", "3.13", checks_image=True, merges=True)
