"""The options of `docker stack deploy`, and those before any command, as the client's own parser (spf13/pflag) takes
them apart.

Sources: docker/cli cli/command/stack/deploy.go, cli/flags/options.go; pflag's flag.go (parseLongArg,
parseSingleShortArg), bool.go and string_slice.go; Go's strconv.ParseBool and encoding/csv.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_HELP = "help"


class FlagError(ValueError):
    """Words that the docker client would refuse; the text says why."""


def normal(
    args: Sequence[str], letters: Mapping[str, str], booleans: Collection[str], switches: Collection[str]
) -> Iterator[str]:
    """The same arguments with every option in its long form and every value behind a `=`.

    `letters` are the short names of options and the long ones that they stand for. `booleans` and `switches`, by their
    long names, take no word behind them: pflag takes `-c=x`, `-cx`, `-c x` and `-dq`; a boolean takes a value only
    behind `=`, a switch none. What follows `--` is left as it is. An option that lacks its value stays alone: whoever
    parses the result says so.
    """
    letters = {"h": _HELP, **letters}
    switches = {_HELP, *switches}

    def long(name: str) -> Iterator[str]:
        if name in switches:
            yield f"--{name}"
        elif name in booleans:
            yield f"--{name}=true"
        else:
            value = next(remaining, None)
            yield f"--{name}" if value is None else f"--{name}={value}"

    def shorts(cluster: str) -> Iterator[str]:
        while cluster:
            name, rest = letters.get(cluster[0]), cluster[1:]
            if name is None:
                yield f"-{cluster}"
                return
            if rest.startswith("="):
                yield f"--{name}{rest}"
                return
            if name in booleans or name in switches:
                yield from long(name)
                cluster = rest
            else:
                yield from [f"--{name}={rest}"] if rest else long(name)
                return

    remaining = iter(args)
    for word in remaining:
        if word == "--":
            yield word
            yield from remaining
        elif word.startswith("--"):
            name, equals, _ = word[2:].partition("=")
            yield from [word] if equals else long(name)
        elif word.startswith("-") and word != "-":
            yield from shorts(word[1:])
        else:
            yield word


_OWN_VALUES = {"H": "host", "c": "context", "l": "log-level"}
_OWN_SWITCHES = {"D": "debug", "v": "version", "h": _HELP}
_OWN_WITH_VALUE = frozenset({"host", "context", "config", "log-level", "tlscacert", "tlscert", "tlskey"})


def before_command(words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Take docker's own options, by their long names and each with its value ("" for none), from before its command;
    and return the words from the command on."""
    options: list[tuple[str, str]] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            options.append((name, value if equals or name not in _OWN_WITH_VALUE or not rest else rest.pop(0)))
            continue
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in _OWN_VALUES:
                value = letters.removeprefix("=") if letters or not rest else rest.pop(0)
                options.append((_OWN_VALUES[letter], value))
                break
            options.append((_OWN_SWITCHES.get(letter, letter), ""))
    return options, rest


def boolean(text: str) -> bool:
    """A boolean as Go reads it. Raises `FlagError`."""
    if text in TRUE | FALSE:
        return text in TRUE
    raise FlagError(f"{text!r} is neither true nor false")


def names(values: Iterable[str]) -> list[str]:
    """The file names in the values of `-c`, each of which is one record of CSV. Raises `FlagError`."""
    return [name for value in values if value for name in _record(value)]


def _record(text: str) -> Iterator[str]:
    line = text.lstrip("\r\n")
    while True:
        if line.startswith('"'):
            field, line = _quoted(line[1:], text)
        else:
            end = min((at for at in (line.find(","), line.find("\n")) if at >= 0), default=len(line))
            field, line = line[:end], line[end:]
            if '"' in field:
                raise FlagError(f"{text!r}: a name with a quote is written in quotes, and the quote twice")
        yield field.removesuffix("\r") if line[:1] == "\n" else field
        if line[:1] != ",":
            return
        line = line[1:]


def _quoted(line: str, text: str) -> tuple[str, str]:
    """The field that a quote has opened, and what follows its closing quote."""
    field = ""
    while True:
        part, quote, line = line.partition('"')
        field += part
        if not quote:
            raise FlagError(f"{text!r}: a quote is not closed")
        if not line.startswith('"'):
            break
        field += '"'
        line = line[1:]
    if line and line[0] not in ",\n\r":
        raise FlagError(f"{text!r}: text behind a closing quote")
    return field, line


def csv(name: str) -> str:
    """One file name as a value of `-c`."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"' if any(char in name for char in ',"\r\n') or not name else name


def words(options: Mapping[str, object], files: Sequence[str]) -> list[str]:
    """The options for docker: what was given (a boolean or a text; None is left out), and the files."""
    arguments = []
    for name, value in options.items():
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            arguments.append(f"--{name}={text}")
    return arguments + [f"--compose-file={csv(name)}" for name in files]
