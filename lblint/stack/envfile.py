"""The lines of an `env_file`."""

from __future__ import annotations

from collections.abc import Callable

from lblint.records import NamedTuple
from lblint.stack.grammar import GrammarError

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go calls white space (unicode.IsSpace); Python's own set is larger."""

_LONGEST_LINE = 65535
_BOM = b"\xef\xbb\xbf"


class Variable(NamedTuple):
    """One variable, and the line (1-based) that it stands on. A later one of the same name wins."""

    name: str
    value: str
    line: int


def parse_env_file(
    data: bytes, file: str, lookup: Callable[[str], str | None], legacy: bool = False
) -> tuple[Variable, ...] | GrammarError:
    """Read the bytes of an env file; `file` is its absolute path, as docker's messages name it.

    No quotes, no interpolation, no `export`; `#` begins a comment only at the start of a line. A name alone takes its
    value from `lookup` (the deployer's environment) or is dropped. `legacy` says it in the words of client 20.10.
    Source: docker/cli pkg/kvfile/kvfile.go, opts/envfile.go; 20.10: opts/file.go.
    """
    variables: list[Variable] = []
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if len(raw) > _LONGEST_LINE:
            return _error(file, "bufio.Scanner: token too long", legacy, bare=True)
        raw = raw[:-1] if raw.endswith(b"\r") else raw
        try:
            line = (raw[3:] if number == 1 and raw.startswith(_BOM) else raw).decode("utf-8")
        except UnicodeDecodeError:
            shown = f"[{' '.join(str(byte) for byte in raw)}]"
            if legacy:
                return GrammarError(f"env file {file} contains invalid utf8 bytes at line {number}: {shown}")
            return _error(file, f"invalid utf8 bytes at line {number}: {shown}", legacy)
        line = line.lstrip(_SPACES)
        if not line or line[0] == "#":
            continue
        name, sign, value = line.partition("=")
        if not name:
            return _error(file, f"no variable name on line '{line}'", legacy)
        if " " in name or "\t" in name:
            return _error(file, f"variable '{name}' contains whitespaces", legacy)
        found = value if sign else lookup(line)
        if found is not None:
            variables.append(Variable(name, found, number))
    return tuple(variables)


def _error(file: str, message: str, legacy: bool, bare: bool = False) -> GrammarError:
    if legacy:
        return GrammarError(message if bare else f"poorly formatted environment: {message}")
    return GrammarError(f"invalid env file ({file}): {message}")
