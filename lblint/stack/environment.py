"""A service's environment: the lines of env files, its own variables, and the deployer's for the empty ones.

Source: docker/cli cli/compose/loader/loader.go resolveEnvironment, updateEnvironment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from lblint.finding import Fault
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack import safe_read
from lblint.stack.decoder import Node
from lblint.stack.faults import GrammarError, InvalidEnvFile, ReplacedEnvironment, SpecialEnvFile, UnreadableEnvFile
from lblint.stack.transforms import Mode


def resolve_environment(node: Node, context: Context) -> list[Fault]:
    """env_file and environment into one, and values from the deployer's environment for the empty ones."""
    faults: list[Fault] = []
    out: dict[str, Node] = {}
    files = node.value.get("env_file")
    from_files: dict[str, Node] = {}
    for item in files.value if files is not None else ():
        path = safe_read.absolute(context.base, item.value)
        if context.mode.budget[0] < 0:
            break
        content = safe_read.read(path, safe_read.LARGEST_ENV_FILE)
        if isinstance(content, safe_read.Seen):
            message, written = content.error, item.value
            if content.special:
                faults.append(SpecialEnvFile(place=item.place, file=path, written=written, reason=message))
                continue
            if message.startswith("read ") and not context.mode.legacy:
                message = f"invalid env file ({path}): {message}"
            faults.append(
                UnreadableEnvFile(place=item.place, docker=message, file=path, written=written, reason=content.error)
            )
            continue
        variables = parse_env_file(content, path, context.env.get, context.mode.legacy)
        if isinstance(variables, GrammarError):
            message, reason = variables.told, without_lines(variables.told)
            faults.append(
                InvalidEnvFile(place=item.place, docker=message, file=path, written=item.value, reason=reason)
            )
            continue
        if not context.mode.spend(len(variables)):
            break
        for variable in variables:
            if "{{" in variable.value:  # a template, which may be quoted where managers cannot read it
                context.env.used[variable.name] = variable.value
            from_files[variable.name] = Node(variable.value, item.place)
    environment = node.value.get("environment")
    for variables_of in (from_files, environment.value if environment is not None else {}):
        for name, entry in variables_of.items():
            known = context.env.get(name)
            if entry.value or known is None:
                out[name] = entry
                continue
            if entry.value == "":
                faults.append(ReplacedEnvironment(place=entry.place, variable=name))
            out[name] = Node(known, entry.place)
    node.value["environment"] = Node(out, environment.place if environment is not None else node.place)
    return faults


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
        known = value if sign else lookup(line)
        if known is not None:
            variables.append(Variable(name, known, number))
    return tuple(variables)


def _error(file: str, message: str, legacy: bool, bare: bool = False) -> GrammarError:
    if legacy:
        return GrammarError(message if bare else f"poorly formatted environment: {message}")
    return GrammarError(f"invalid env file ({file}): {message}")


def without_lines(told: str) -> str:
    """Return docker's words on an env file without the text that they quote from it: it may hold a secret, or be no env
    file at all. What shows what kind of line it is stays: `export`."""
    found = _QUOTED.search(told)
    if found is None:
        return told
    part = "bytes" if found["text"] is None else "text"
    word = "export " if found[part].startswith("export ") else ""
    return f"{told[: found.start(part)]}{word}…{told[found.end(part) :]}"


_QUOTED = pattern(
    r"(?:no variable name on line '|variable ')(?P<text>.*)'(?: contains whitespaces)?\Z"
    r"|invalid utf8 bytes at line [0-9]+: \[(?P<bytes>[0-9 ]*)\]\Z",
    re.DOTALL,
)


class Lookups(Mapping[str, str]):
    """The environment of a deploy, and in `used` those that were looked up in it and are not empty. Values that files
    of the repository have (`written`, by their names) do not count: who reads the report can read those, too."""

    def __init__(self, environment: Mapping[str, str], written: Collection[str] = ()) -> None:
        self.environment = environment
        self.written = written
        self.used: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        value = self.environment[name]
        if value and name not in self.written:
            self.used[name] = value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.environment)

    def __len__(self) -> int:
        return len(self.environment)


class Context(NamedTuple):
    """What the sections of one file are read with."""

    file: str
    version: str
    base: str
    env: Lookups
    mode: Mode
