"""What the validators of label values speak in: parts of a value, problems, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lblint.finding import Breaks, Place, Severity
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.model import Label


class Part(NamedTuple):
    """A stretch of a label's value: its text, and the range of characters that holds it."""

    text: str
    start: int
    end: int


class Problem(NamedTuple):
    """What is wrong with a label's value.

    `kind` names the fault within its validator; `start`, `end` are characters of the value; `says` is a clause that
    quotes the user's own value, to which a rule adds the label in front; `write` replaces the range, "" where nothing
    can be offered (a path that never matches, or that ends with a slash, is replaced whole); `hint` is an imperative
    sentence on what to do, in addition to `write` if there is one.
    """

    kind: str
    start: int
    end: int
    says: str
    write: str = ""
    severity: Severity = Severity.ERROR
    breaks: Breaks = Breaks.PROXY
    hint: str = ""

    @property
    def help(self) -> str:
        """What to do, as an imperative sentence; "" where nothing can be advised."""
        return "; ".join(filter(None, (f"write {self.write}" if self.write else "", self.hint)))


Validator = Callable[[str], Iterator[Problem]]
"""Value of a label -> its problems, in the order of the text; never raises, takes linear time."""

CONTROL = pattern(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""C0, DEL, C1 (with NEL) and the line separators of Unicode: nothing that a label's value can mean."""

FATAL = pattern(r"[ ;{}$'\"\\]")
"""What ends, splits or changes a word for nginx's reader (ngx_conf_read_token), anywhere in the word or at its
beginning or end; `}` and a backslash are harmless in some places, but in no value that means something."""

_LONGEST = 60


def shown(text: str) -> str:
    """Return a text for a message: in double quotes (in single ones if it has double ones itself), control characters
    escaped, cut where it is long."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    quote = "'" if '"' in cut and "'" not in cut else '"'
    return quote + CONTROL.sub(lambda run: repr(run[0])[1:-1], cut) + quote


def named(char: str) -> str:
    """Return a character as messages name it."""
    names = {" ": "a space", ";": "a semicolon", "\\": "a backslash", '"': "a double quote", "'": "a single quote"}
    invisible = f"the invisible character U+{ord(char):04X}"
    return names.get(char) or (f'"{char}"' if char.isprintable() else invisible)


def split(value: str, separator: str) -> list[Part]:
    """The parts of a value between the separators, spaces and empty ones included."""
    parts: list[Part] = []
    start = 0
    for text in value.split(separator):
        parts.append(Part(text, start, start + len(text)))
        start += len(text) + len(separator)
    return parts


def trim(part: Part) -> Part:
    """A part without the spaces around it."""
    left = len(part.text) - len(part.text.lstrip(" "))
    text = part.text.strip(" ")
    return Part(text, part.start + left, part.start + left + len(text)) if text else Part("", part.start, part.end)


def control_characters(value: str, breaks: Breaks) -> Iterator[Problem]:
    """The runs of control characters in a value."""
    text = "the value" if value.startswith("-----BEGIN") else shown(value)  # a private key is for no log
    for match in CONTROL.finditer(value):
        name = "a line break" if set(match[0]) <= set("\r\n") else f"the control character U+{ord(match[0][0]):04X}"
        if match[0] == "\t":
            name = "a tab"
        yield Problem("control-character", *match.span(), f"{text} contains {name}", breaks=breaks,
                      hint=f"remove {pattern('^a ').sub('the ', name)}")  # fmt: skip


def spaces(part: Part, breaks: Breaks = Breaks.PROXY) -> Iterator[Problem]:
    """A warning for spaces around a part: whether Interlock trims them is not documented."""
    if part.text != part.text.strip(" ") and part.text.strip(" "):
        yield Problem("space", part.start, part.end, f"{shown(part.text)} {outer_spaces(part.text)}, and it is not "
                      "documented that Interlock removes them", part.text.strip(" "),
                      Severity.WARNING, breaks)  # fmt: skip


def outer_spaces(text: str) -> str:
    """Return the clause on where a text that has them has its outer spaces."""
    if text[:1] == " ":
        return "begins and ends with spaces" if text[-1] == " " else "begins with spaces"
    return "ends with spaces"


def unquoted(text: str) -> str:
    """Return the text without one pair of quotes around it: what `- label="x"` was meant to be."""
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"" else text


_TYPOGRAPHIC = {
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2039": "'", "\u203a": "'",
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2026": "...", "\u00a0": " ", "\u2007": " ", "\u202f": " ",
}  # fmt: skip
"""Characters that web pages and word processors write for others, and the plain ones that were meant."""


def typographic(text: str) -> str:
    """Return the first typographic quote, dash, ellipsis or no-break space of a text; "" where it has none."""
    return next((char for char in text if char in _TYPOGRAPHIC), "")


def plain_text(text: str) -> str:
    """Return a text with plain characters for typographic ones, without quotes and spaces around it."""
    return "".join(_TYPOGRAPHIC.get(char, char) for char in text).strip(" '\"")


def place_of(label: Label, start: int, end: int) -> Place:
    """The place of a part of a label's value: narrowed where the file has the value to the letter."""
    if label.written != label.value:
        return label.place
    offset = label.place.chars[0] if label.place.chars else 0
    return label.place._replace(chars=(offset + start, offset + max(end, start)))
