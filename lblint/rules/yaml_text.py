"""Rules on the text of a file: whether it is YAML, and whether it says what its author meant."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, of_kind
from lblint.rules import rule
from lblint.rules._spelling import shown
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
        (
            "a space after the colon of the key above; the same indentation as the keys beside it; "
            "quotes around a text that holds ': '"
        ),
    ),
    "could not find expected ':'": ("no ':' follows this key", "`key: value`, with a space after the colon"),
    "did not find expected key": (
        "this fits neither the mapping around it nor an outer one",
        "it indented like the keys beside it, and nothing left open before it",
    ),
    "did not find expected '-' indicator": (
        "this stands at the level of a list, and is no item of it",
        "`- ` in front of it, or the indentation of the key that it belongs to",
    ),
    "did not find expected ',' or ']'": (
        "a list in brackets goes on here without a comma",
        "`,` between the items, or `]` at the end",
    ),
    "did not find expected ',' or '}'": (
        "a map in braces goes on here without a comma",
        "`,` between the keys, or `}` at the end",
    ),
    "did not find expected node content": ("a value is expected here", "the value, or quotes around it"),
    "block sequence entries are not allowed in this context": (
        "`- ` begins a list where none can begin",
        "the list on lines of its own below the key; quotes around a text that begins with `- `",
    ),
    "found unexpected end of stream": ("this quote is never closed", "the closing quote"),
    "found unexpected document indicator": (
        "a quote is still open at this line",
        "the closing quote, before this line",
    ),
    "found unknown escape character": (
        "a backslash in double quotes that begins no known escape",
        "single quotes, or the backslash twice",
    ),
    "did not find expected alphabetic or numeric character": (
        "`*` and `&` begin the name of an anchor",
        "quotes around a text that begins with `*` or `&`",
    ),
    "found undefined tag handle": (
        "`!…!` is the handle of a tag that is not declared",
        "quotes around a text that begins with `!`",
    ),
    "found incompatible YAML document": ("docker reads YAML 1.1 only", "no %YAML line"),
}


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def yaml_syntax(source: Source) -> Iterator[Hit]:
    """The file is no YAML that docker can read.

    Docker refuses it before it looks at anything in it. The position is where the parser stopped; what is wrong is
    there or on the lines before: an indentation that fits nothing, a colon without a space after it, a quote or a
    bracket that is never closed, a text that begins with a character that YAML keeps for itself.
    """
    for fault in of_kind(source.faults, InvalidYaml):
        said, advice = _meant(fault)
        yield Hit(fault.place, f"{said}; docker: {fault.docker}", advice)


def _meant(fault: InvalidYaml) -> tuple[str, str]:
    problem = fault.problem
    if problem == "found character that cannot start any token":
        return f"no value can begin with '{fault.character}'", "quotes around the text"
    if problem in _MEANT:
        return _MEANT[problem]
    return "not YAML", "this line, and the ones before it, as YAML"


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def unreadable_text(source: Source) -> Iterator[Hit]:
    """The file holds bytes or characters that are no text for YAML.

    Docker reads UTF-8, and UTF-16 that begins with a byte order mark. Control characters other than tab and line break
    are refused wherever they stand, in comments too. Most often the file was saved in another encoding, or is no text
    at all.
    """
    for fault in source.faults:
        if isinstance(fault, ForbiddenCharacter):
            code = ord(fault.character or "\0")
            said = f"U+{code:04X} is a control character; docker: {fault.docker}"
            yield Hit(fault.place, said, "nothing in its place, or an escape such as `\\t` in double quotes")
        elif isinstance(fault, UndecodableByte):
            said = f"the byte {fault.byte} is no {fault.encoding.upper()} here; docker: {fault.docker}"
            yield Hit(fault.place, said, "the file as UTF-8")


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def tab_indent(source: Source) -> Iterator[Hit]:
    """A line is indented with a tab.

    YAML allows spaces only: docker stops at the tab. Tabs behind a value, in front of a comment, do no harm.
    """
    for fault in of_kind(source.faults, TabIndent):
        yield Hit(fault.place, f"a tab in the indentation; docker: {fault.docker}", "spaces")


@rule(on=Source, severity=Severity.WARNING, consequence="docker ignores all that follows, with no word")
def several_documents(source: Source) -> Iterator[Hit]:
    """Only the first document of a file is deployed.

    `---` in the middle of a file begins another document. Docker reads the first and never looks at the others, with no
    word: services that stand there are not deployed.
    """
    for fault in of_kind(source.faults, SecondDocument):
        said = f"`{fault.marker}` ends the stack" if fault.marker else "the stack ends before this"
        yield Hit(fault.place, f"{said}: the rest of the file is not read", "every stack in a file of its own")


_KINDS = {"int": "a number", "float": "a number", "bool": "a boolean", "NoneType": "nothing", "Timestamp": "a date",
          "mapping": "a mapping", "sequence": "a list", "_TaggedText": "a tagged value"}  # fmt: skip


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def key_not_a_string(source: Source) -> Iterator[Hit]:
    """A key is a number, a boolean or nothing where docker needs text.

    YAML reads a key like any value: `80:` is a number, `true:` a boolean, and for clients before 28.0 so are `on:`,
    `y:` and `n:`. Docker refuses the file, and newer clients do not even say where.
    """
    for fault in of_kind(source.faults, NonStringKey):
        key, kind = fault.key, fault.kind
        said = f"the key {key or '(empty)'} is {_KINDS.get(kind, kind)}, not text; docker: {fault.docker}"
        quoted = f'"{key}": in quotes' if kind not in ("mapping", "sequence") else "a text as the key"
        yield Hit(fault.place, said, quoted, fixes=_quoted_key(fault.place, key, kind))


def _quoted_key(place: Place, key: str, kind: str) -> tuple[Fix, ...]:
    """The same characters as text."""
    if not key or kind not in ("int", "float", "bool", "Timestamp") or place.at is not None:
        return ()
    return (Fix("put it in quotes", (Edit("quote", place),)),)


_TRUE = frozenset(("y", "yes", "on"))


@rule(on=Source, severity=Severity.WARNING, consequence="whether the file is accepted depends on the docker client")
def boolean_word(source: Source) -> Iterator[Hit]:
    """A bare yes, no, on, off, y or n is text to some docker clients and a boolean to others.

    Clients before 28.0 read these words as true and false, newer ones as text. So one of the two refuses `tty: yes` (no
    boolean) or the label `enabled: yes` (no text), and older ones refuse `n:` or `on:` as the name of a network.
    With `--client` lblint judges by what that client reads, and this is not said.
    """
    for fault in of_kind(source.faults, BooleanWord):
        word = fault.word
        older = "true" if word.lower() in _TRUE else "false"
        said = f"{word} is text for docker clients from 28.0 on, and {older} for older ones"
        if fault.place.key:
            message = f"{said}, which refuse it as a key"
            yield Hit(fault.place, message, f'"{word}": in quotes', fixes=_quoted_word(fault.place))
        elif "labels" in fault.place.path:
            said += ", which refuse it in a label"
            yield Hit(fault.place, said, f'"{word}" in quotes', fixes=_quoted_word(fault.place))
        else:
            fixes = _quoted_word(fault.place) if "environment" in fault.place.path else ()
            yield Hit(fault.place, said, f'{older}, or "{word}" in quotes', Severity.INFO, fixes=fixes)


def _quoted_word(place: Place) -> tuple[Fix, ...]:
    """The text that newer clients read, for all of them."""
    return (Fix("put it in quotes", (Edit("quote", place),)),)


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def unknown_alias(source: Source) -> Iterator[Hit]:
    """An alias names an anchor that is not there, or that it stands in itself.

    `*name` repeats what was marked with `&name` earlier in the same file; the mark has to come first. A text that
    begins with `*`, such as a host `*.example.org`, has to be quoted.
    """
    for fault in of_kind(source.faults, UnknownAlias):
        advice = "`&name` in front of a value before `*name` repeats it; quotes around a text that begins with `*`"
        yield Hit(fault.place, f"no such anchor here; docker: {fault.docker}", advice)


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def alias_bomb(source: Source) -> Iterator[Hit]:
    """Aliases repeat aliases until the file is larger than docker reads.

    Docker counts what a file holds with all aliases written out, and refuses one that is made of almost nothing but
    repetitions. A small file that would fill the memory when it is read is an attack or an accident.
    """
    for fault in of_kind(source.faults, AliasBomb):
        yield Hit(fault.place, f"aliases that multiply; docker: {fault.docker}", "what is repeated, in full")


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def merge_not_a_map(source: Source) -> Iterator[Hit]:
    """A merge key takes something other than a mapping.

    `<<` brings in the keys of a mapping, or of a list of mappings. Docker refuses a text, a number, nothing, or a list
    that holds anything else. Lists cannot be merged.
    """
    for fault in of_kind(source.faults, InvalidMerge):
        advice = "`<<: *name` or `<<: [*one, *two]`, with anchors of mappings"
        yield Hit(fault.place, f"`<<` without a mapping; docker: {fault.docker}", advice)


@rule(on=Source, severity=Severity.WARNING, consequence="the value is taken as if the tag were not there")
def foreign_tag(source: Source) -> Iterator[Hit]:
    """A YAML tag of another tool has no meaning to docker.

    `!reset` and `!override` belong to Compose. Docker ignores them: `!reset null` is the text "null", and `!override`
    is merged like anything else.
    """
    for fault in of_kind(source.faults, ForeignTag):
        yield Hit(fault.place, f"{fault.tag} is ignored by docker", "nothing; change the earlier file instead")


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def tag_value_mismatch(source: Source) -> Iterator[Hit]:
    """A value does not fit the YAML tag in front of it.

    `!!int`, `!!bool`, `!!float`, `!!null`, `!!timestamp` and `!!binary` bind: docker refuses a value of
    another kind.
    """
    for fault in of_kind(source.faults, TagMismatch):
        tag = "!!" + fault.tag.rpartition(":")[2]
        said = f"{shown(fault.value)} does not fit {tag}; docker: {fault.docker}"
        yield Hit(fault.place, said, f"the value without {tag}, or one that fits it")
