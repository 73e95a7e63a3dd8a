"""The short syntax of a service's `volumes:`: `[source:]target[:options]`."""

from __future__ import annotations

from lblint.records import NamedTuple
from lblint.stack.faults import GrammarError

PROPAGATIONS = ("rprivate", "private", "rshared", "shared", "rslave", "slave")
"""The names that a bind mount's propagation may have (moby api/types/mount Propagations)."""

_END = "\0"


class VolumeSpec(NamedTuple):
    """A mount as the short syntax gives it. `ignored` are the options that docker drops without a warning.

    `drive` is the letter at the start that docker took for a Windows drive, and not for a volume's name.
    """

    type: str
    source: str
    target: str
    read_only: bool = False
    nocopy: bool = False
    propagation: str = ""
    ignored: tuple[str, ...] = ()
    drive: str = ""


def parse_volume(text: str) -> VolumeSpec | GrammarError:
    """Read one short entry, without a look at the platform: `v:/data` is thus a target on a Windows drive `v`.

    Source: docker/cli cli/compose/loader/volume.go ParseVolume (from 29: internal/volumespec), the same in 20.10.
    """
    if not text:
        return GrammarError("invalid empty volume spec")
    if len(text.encode("utf-8", "surrogatepass")) <= 2:
        return VolumeSpec("volume", "", text)
    spec = VolumeSpec("volume", "", "", drive=_drive(text))
    start = 0
    for at, char in enumerate(text + _END):
        if char not in (":", _END) or (char == ":" and at - start == 1 and text[start].isalpha()):
            continue
        section, start = text[start:at], at + 1
        if not section:
            return GrammarError(f"invalid spec: {text}: empty section between colons")
        if not spec.source and char == _END:
            spec = spec._replace(target=section)
        elif not spec.source:
            spec = spec._replace(source=section)
        elif not spec.target:
            spec = spec._replace(target=section)
        elif char == ":":
            return GrammarError(f"invalid spec: {text}: too many colons")
        else:
            spec = _with_options(spec, section.split(","))
    return spec._replace(type="bind" if _is_path(spec.source) else "volume")


def _with_options(spec: VolumeSpec, options: list[str]) -> VolumeSpec:
    ignored = []
    for option in options:
        if option in ("ro", "rw"):
            spec = spec._replace(read_only=option == "ro")
        elif option == "nocopy":
            spec = spec._replace(nocopy=True)
        elif option in PROPAGATIONS:
            spec = spec._replace(propagation=option)
        else:
            ignored.append(option)
    return spec._replace(ignored=(*spec.ignored, *ignored))


def _is_path(source: str) -> bool:
    """Whether a source is a path of the node, and not the name of a volume."""
    return source.startswith((".", "/", "~", "\\\\")) or bool(_drive(source))


def _drive(text: str) -> str:
    return text[0] if text[:1].isalpha() and text[1:2] == ":" else ""
