"""Rules on the text of a file: whether it is valid YAML, and whether docker reads it as its author meant."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Position, Severity, of_kind
from lblint.lazy_re import pattern
from lblint.rules import rule
from lblint.rules._wording import shown
from lblint.source import Source
from lblint.source.faults import (
    AliasBomb,
    BooleanWord,
    ForbiddenCharacter,
    ForeignTag,
    InvalidMerge,
    InvalidYaml,
    NonStringKey,
    SecondDocument,
    TabIndent,
    TagMismatch,
    UndecodableByte,
    UnknownAlias,
)

_MEANT = {
    "mapping values are not allowed in this context": (
        "a second ':' where no mapping can begin",
        "check the indentation, and that the key above ends with a colon and a space; quote a value that contains ': '",
    ),
    "could not find expected ':'": (
        "this key has no ':' after it",
        "write `key: value`, with a space after the colon",
    ),
    "did not find expected key": (
        "this line belongs neither to the mapping above it nor to an outer one",
        "indent it like the keys next to it, and close what is still open above it",
    ),
    "did not find expected '-' indicator": (
        "this line is at the level of a list, but it does not begin with `- `",
        "begin it with `- `, or indent it like the key that it belongs to",
    ),
    "did not find expected ',' or ']'": (
        "a list in brackets goes on without a comma",
        "write `,` between the items, or `]` at the end",
    ),
    "did not find expected ',' or '}'": (
        "a mapping in braces goes on without a comma",
        "write `,` between the keys, or `}` at the end",
    ),
    "did not find expected node content": ("a value is missing here", "write the value, or quote it"),
    "block sequence entries are not allowed in this context": (
        "a list cannot begin here",
        "put the list on lines of its own below the key; quote a value that begins with `- `",
    ),
    "found unexpected end of stream": ("this quote is never closed", "add the closing quote"),
    "found unexpected document indicator": (
        "a quote is still open on this line",
        "add the closing quote before this line",
    ),
    "found unknown escape character": (
        "a backslash in double quotes that does not begin a known escape",
        "use single quotes, or write the backslash twice",
    ),
    "did not find expected alphabetic or numeric character": (
        "an unquoted value cannot begin with `*` or `&`, which begin the name of an anchor",
        "quote the value",
    ),
    "found undefined tag handle": (
        "`!…!` refers to a tag that is not declared",
        "quote a value that begins with `!`",
    ),
    "found incompatible YAML document": ("docker reads YAML 1.1 only", "remove the %YAML line"),
}
_COLON = ("mapping values are not allowed in this context", "could not find expected ':'")
_BARE = pattern(r"( *)((?!- )[^\s:#\"'\[{][^\s:#]*) *(?:#.*)?")
"""A line that holds one word, which may be a key without its colon."""


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def yaml_syntax(source: Source) -> Iterator[Hit]:
    """The file is not valid YAML.

    Docker refuses it before it looks at anything else. The position is where the parser stopped; the mistake is there
    or on the lines above: a wrong indentation, a colon without a space after it, a quote or a bracket that is never
    closed, an unquoted value that begins with a character that YAML reserves.
    """
    for fault in of_kind(source.faults, InvalidYaml):
        key = _key_without_colon(source, fault)
        if key is not None:
            place, name = key
            yield Hit(place, f"{name} has no colon after it", f"write {name}:", docker=fault.docker)
            continue
        message, help = _meant(fault)
        yield Hit(fault.place, message, help, docker=fault.docker)


def _meant(fault: InvalidYaml) -> tuple[str, str]:
    if fault.problem == "found character that cannot start any token":
        return f"an unquoted value cannot begin with '{fault.character}'", "quote the value"
    return _MEANT.get(fault.problem, ("not valid YAML", "check this line and those above it"))


def _key_without_colon(source: Source, fault: InvalidYaml) -> tuple[Place, str] | None:
    """Return the word on the line above that lacks its colon, with its place; None where the cause is another one.

    The line that the parser stops at must be indented below it, as what belongs to the key is.
    """
    at = fault.place.at
    if fault.problem not in _COLON or at is None:
        return None
    above = at.line - 1
    while above > 0 and source.lines.line(above).strip()[:1] in ("", "#"):
        above -= 1
    word = _BARE.fullmatch(source.lines.line(above)) if above > 0 else None
    line = source.lines.line(at.line)
    if word is None or len(line) - len(line.lstrip(" ")) <= len(word[1]):
        return None
    column = word.start(2) + 1
    return Place(source.name, at=Position(above, column, above, column + len(word[2]))), word[2]


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def unreadable_text(source: Source) -> Iterator[Hit]:
    """The file contains bytes or characters that YAML does not allow.

    Docker reads UTF-8, and UTF-16 that begins with a byte order mark. Control characters other than tab and line break
    are refused everywhere, even in comments. Most often the file was saved in another encoding, or is not a text file.
    """
    for fault in source.faults:
        if isinstance(fault, ForbiddenCharacter):
            code = ord(fault.character or "\0")
            help = "remove it, or write an escape such as `\\t` in double quotes"
            yield Hit(fault.place, f"U+{code:04X} is a control character", help, docker=fault.docker)
        elif isinstance(fault, UndecodableByte):
            message = f"the byte {fault.byte} is not valid {fault.encoding.upper()}"
            yield Hit(fault.place, message, "save the file as UTF-8", docker=fault.docker)


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def tab_indent(source: Source) -> Iterator[Hit]:
    """A line is indented with a tab.

    YAML allows only spaces there: docker stops at the tab. A tab between a value and a comment is allowed.
    """
    for fault in of_kind(source.faults, TabIndent):
        yield Hit(fault.place, "this line is indented with a tab", "indent it with spaces", docker=fault.docker)


@rule(on=Source, severity=Severity.WARNING, consequence="docker ignores everything after it without a warning")
def several_documents(source: Source) -> Iterator[Hit]:
    """Only the first document of a file is deployed.

    `---` in the middle of a file begins another document. Docker reads the first and ignores the others without a
    warning: services defined there are not deployed.
    """
    for fault in of_kind(source.faults, SecondDocument):
        where = f"`{fault.marker}` ends the stack" if fault.marker else "the stack ends above this line"
        yield Hit(
            fault.place, f"{where}: docker does not read the rest of the file", "put each stack into its own file"
        )


_KINDS = {"int": "a number", "float": "a number", "bool": "a boolean", "NoneType": "empty", "Timestamp": "a date",
          "mapping": "a mapping", "sequence": "a list", "_TaggedText": "a tagged value"}  # fmt: skip


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def key_not_a_string(source: Source) -> Iterator[Hit]:
    """A key is a number, a boolean or empty, where docker needs a string.

    YAML reads a key like any value: `80:` is a number, `true:` a boolean, and for clients before 28.0 `on:`, `y:` and
    `n:` are booleans as well. Docker refuses the file; newer clients do not say where the key is.
    """
    for fault in of_kind(source.faults, NonStringKey):
        key, kind = fault.key, fault.kind
        named = f"the key {key}" if key else "the key"
        help = "quote it" if kind not in ("mapping", "sequence") else "write a string as the key"
        message = f"{named} is {_KINDS.get(kind, kind)}, not a string"
        yield Hit(fault.place, message, help, fixes=_quoted_key(fault.place, key, kind), docker=fault.docker)


def _quoted_key(place: Place, key: str, kind: str) -> tuple[Fix, ...]:
    """The same characters as a string."""
    if not key or kind not in ("int", "float", "bool", "Timestamp") or place.at is not None:
        return ()
    return (Fix("quote it", (Edit("quote", place),)),)


_TRUE = frozenset(("y", "yes", "on"))


@rule(on=Source, severity=Severity.WARNING, consequence="whether the stack deploys depends on the docker client")
def boolean_word(source: Source) -> Iterator[Hit]:
    """An unquoted yes, no, on, off, y or n is a string to some docker clients and a boolean to others.

    Clients before 28.0 read these words as true and false, newer ones as strings. So `tty: yes` (which needs a boolean)
    fails with the newer ones, and the label `enabled: yes` (which needs a string) or a network called `on` with the
    older ones. With `--client`, lblint judges by that client and this rule is silent.
    """
    for fault in of_kind(source.faults, BooleanWord):
        word = fault.word
        older = "true" if word.lower() in _TRUE else "false"
        message = f"{word} is a string to docker clients from 28.0 on, and {older} to older ones"
        if fault.place.key:
            message += ", which refuse it as a key"
            yield Hit(fault.place, message, "quote it", fixes=_quoted_word(fault.place))
        elif "labels" in fault.place.path:
            message += ", which refuse it in a label"
            yield Hit(fault.place, message, "quote it", fixes=_quoted_word(fault.place))
        else:
            fixes = _quoted_word(fault.place) if "environment" in fault.place.path else ()
            help = f'write {older} for a boolean, or "{word}" with quotes for a string'
            yield Hit(fault.place, message, help, Severity.INFO, fixes=fixes)


def _quoted_word(place: Place) -> tuple[Fix, ...]:
    """The string that newer clients read, for all of them."""
    return (Fix("quote it", (Edit("quote", place),)),)


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def unknown_alias(source: Source) -> Iterator[Hit]:
    """An alias refers to an anchor that is not defined above it.

    `*name` repeats the value that is marked with `&name` earlier in the same file; the anchor must come first, and
    cannot contain the alias. A string that begins with `*`, such as the host `*.example.org`, must be quoted.
    """
    for fault in of_kind(source.faults, UnknownAlias):
        help = "put the anchor (`&name`) on a value above; quote a string that begins with `*`"
        yield Hit(fault.place, "the anchor of this alias is not defined above it", help, docker=fault.docker)


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def alias_bomb(source: Source) -> Iterator[Hit]:
    """Aliases repeat aliases until the file is larger than docker reads.

    Docker counts the values of a file with all aliases expanded, and refuses a file that consists almost only of
    repetitions: a small file could otherwise fill the memory.
    """
    for fault in of_kind(source.faults, AliasBomb):
        help = "write out what is repeated"
        yield Hit(fault.place, "aliases multiply the size of the file", help, docker=fault.docker)


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def merge_not_a_map(source: Source) -> Iterator[Hit]:
    """The value of a merge key is not a mapping.

    `<<` adds the keys of a mapping, or of a list of mappings. Docker refuses any other value. Lists cannot be merged.
    """
    for fault in of_kind(source.faults, InvalidMerge):
        help = "write `<<: *name` or `<<: [*first, *second]`, with anchors of mappings"
        yield Hit(fault.place, "the value of `<<` is not a mapping", help, docker=fault.docker)


@rule(on=Source, severity=Severity.WARNING, consequence="docker reads the value as if it had no tag")
def foreign_tag(source: Source) -> Iterator[Hit]:
    """Docker ignores a YAML tag of another tool.

    `!reset` and `!override` belong to Compose. Docker ignores them: `!reset null` is the string "null", and a value
    with `!override` is merged like any other.
    """
    for fault in of_kind(source.faults, ForeignTag):
        help = "remove the tag, and change the earlier file instead"
        yield Hit(fault.place, f"docker ignores the tag {fault.tag}", help)


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def tag_value_mismatch(source: Source) -> Iterator[Hit]:
    """A value does not fit the YAML tag in front of it.

    Docker refuses a value that is not of the type of its tag: `!!int`, `!!bool`, `!!float`, `!!null`, `!!timestamp` or
    `!!binary`.
    """
    for fault in of_kind(source.faults, TagMismatch):
        tag = "!!" + fault.tag.rpartition(":")[2]
        message = f"{shown(fault.value)} does not fit the tag {tag}"
        yield Hit(fault.place, message, f"remove {tag}, or write a value that fits it", docker=fault.docker)
