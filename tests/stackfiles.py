"""A generator of stack files: all versions, all keys of the schema, odd scalars, variables, two files to merge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

from lblint.stack.schema_file import read_schema

Below = Callable[[int], int]
"""Draws a number from 0 up to, not including, another one: from hypothesis or from a random generator."""

ENVIRONMENT = {"FOO": "foo", "EMPTY": "", "NUM": "5", "YES": "yes", "TRUE": "true", "HOME": "/root"}

_ODD_TEXTS = [
    "", " ", "a b", "yes", "n", "<<", "=", "~", "null", "true", "1:30", "0x1F", "1e3", ".5", "1_000", "2020-01-01", "-",
    "- a", "a: b", "a:b", "# c", "a #c", " lead", "trail ", "tab\tin", "\nlead", "end\n", "two\nlines",
    "two\nlines\n\n",
    "  ind\nented", "a \nb", "\u00e9\u00df", "\u4e2d", "\U0001f600", "\u2028", "a\u2028b", "\ufeff", "a\ufeff", "\x85",
    "\xa0", "\x7f", "\x01", "\r\n", '"', "'", "it's", "\\", "%a", "@a", "`a", "!a", "&a", "*a", "|", ">", "?", "? a",
    ":", ": a", "--- a", "...", "[a]", "{a}", "a,b", ",a", "+1", "0b1", "0o7", "08", "1.", "Inf", ".inf", ".NaN",
    "x" * 130, "{{.Node.ID}}", "a=b", "a=b=c", "=a", "12e03", "1:2:3", "0:0", "-1:30.5", "on", "No", "OFF",
]  # fmt: skip
_VARIABLES = [
    "$FOO", "${FOO}", "${UNSET}", "${NUM}", "${NUM:-3}", "${UNSET:-4}", "${TRUE}", "${YES}", "${EMPTY:-x}", "$$x",
    "${FOO:?m}", "${UNSET-b}", "$FOO-bar", "${FOO}${NUM}", "${UNSET:?x}${FOO}", "a$ ${FOO}", "${UNSET:-a$$b}",
    "${A:-${B}}", "$foo", "${FOO:?must-set}", "${UNSET:-true}", "${UNSET:-0}", "${UNSET:--1}",
    "pre${FOO}post", "$EMPTY",
    "$\u017fx", "$NUM$NUM", "${EMPTY?m}",
]  # fmt: skip
_REFUSED_VARIABLES = ["${UNSET:?m}", "${UNSET?m}", "a$", "$1", "${ FOO }", "^/$", "${FOO", "${FOO}${UNSET:?x}", "$"]
# Plain scalars as they stand in the file.
_ODD_SCALARS = [
    "0", "1", "-1", "+5", "0777", "0o17", "0x1F", "0b11", "1_000", "1.0", "1.5", "1.10", "1e3", "08", ".5",
    "-0", "-0.0",
    "1e20", "1e21", "1e-7", "123456789.5", "1000000.0", "100000.0", "9223372036854775807", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "4294967296", "true", "false", "yes", "n", "~", "null", "",
    "2020-01-01", "2001-12-14t21:59:43.10-05:00", "2020-01-01 10:00:00", "22:22", "=",
    "0.1e1", "!!str 5", "!!float 3", "12345678901234567890123", "5e-324", "0.1", "16777217.0", "65536",
]  # fmt: skip
_REFUSED_SCALARS = ["true", "false", "True", "{}", "[]", "[a]", "{a: b}", ".inf", ".nan", "1."]
_TEXTS: Mapping[str, list[str]] = {
    "duration": ["10s", "1h5m", "-5s", "0", "1.5h", "100ms", "1us", "0s", "90s", "1ns", "36h", "1µs"],
    "ports": [
        "80", "8080:80", "53:53/udp", "53:53/tcp", "53:53", "1000-1002:2000-2002", "127.0.0.1:80:80",
    "80:80/sctp", "443",
        ":80", "0:80", "8000-8002:80", "9:9/TCP", "[::1]:9:9", "80:80/udp/x",
        "8080:80/udp", "81", "0.0.0.0:80:80",
    ],
    "volumes": [
        "./a:/b", "v:/d", "data:/x:ro", "/x", "~/x:/y", "~x:/y", "C:\\x:/y", "data:/d:nocopy,z", "x", "xy",
        "data:/x", "../u:/v:rshared", ".:/w", "/h:/i:ro,slave", "a/b:/c", "\\\\srv\\share\\x:/y", "data:/x:rw",
    ],
    "memory": ["64M", "1.5g", "100", "1 GiB", "2kb", "0", "1e3", "9999999p"],
    "cpus": ["0.5", "1", "abc", "1/2"],
    "image": ["nginx", "lbtest/busybox:1", "a:b@sha256:0"],
    "driver": ["overlay", "local", "json-file", "bridge", ""],
    "mode": ["replicated", "global", "host", "ingress"],
    "command": ["sh -c 'a b'", "a \\ b", "a # b", "#c", "", "a  b", '"a \\"b" c', "''", "a\n#b\nc"],
    "test": ["curl x", "CMD", "NONE"],
    "env_file": ["a.env", "b.env", "./a.env"],
    "environment": ["A=b", "A", "FOO", "FOO=", "EMPTY", "EMPTY=", "NUM=1", "B==c", "C=", "=x"],
    "extra_hosts": ["a:1.2.3.4", "a=1.2.3.4", "a:[::1]", "a", "b=[::2]:x", "a:b:c", "a:", "=x"],
    "labels": ["a=b", "a", "com.docker.lb.hosts=x", "b=c=d", "a=", "a = b", "=v"],
    "order": ["start-first", "stop-first"],
    "type": ["volume", "bind", "tmpfs", "cluster", "npipe"],
    "source": ["s1", "s2", "./f", "/abs", "data", "~/x"],
    "target": ["/t", "/u", "t"],
    "file": ["./f", "/abs/f", "../f", "f//g/../h", ""],
    "protocol": ["tcp", "udp", "foo"],
    "subnet": ["10.0.0.0/24"],
    "aliases": ["x", "y"],
}  # fmt: skip
_REFUSED_TEXTS: Mapping[str, list[str]] = {
    "duration": ["5", "5 s", "1d", "", "1h-5m"],
    "ports": ["a:80", "80/foo", "70000", "1-2:1-3", "", "1.2.3:80:80", "80-70", "a"],
    "volumes": ["a:b:c:d", "a::b", "", ":a"],
    "memory": ["abc", "-1", "1.", " 5", "", "5x", "1..2"],
    "command": ['"open', "x 'y", "a\\", '"a\\'],
    "env_file": ["nope.env", "bad.env", ".", ""],
    "order": ["rolling"],
}
_NAMES: Mapping[str, list[str]] = {
    "services": ["a", "b", "web.1", "x-y", "A"],
    "networks": ["net", "net2", "default", "net10"],
    "volumes": ["data", "v", "d2"],
    "secrets": ["s1", "s2"],
    "configs": ["s1", "c2"],
    "ulimits": ["nofile", "nproc", "core"],
}
_KEYS = [
    "k",
    "a",
    "A_B",
    "com.docker.lb.hosts",
    "k1",
    "k10",
    "k2",
    "x y",
    "n",
    "yes",
    "1",
    "FOO",
    "EMPTY",
    "-x",
    "a:b",
    "k\u00e9",
]


class Scalar(NamedTuple):
    """A plain scalar, written out as it is."""

    text: str


class Files(NamedTuple):
    """The files of one stack, one to three."""

    texts: tuple[str, ...]


class _Maker:
    """Draws values for nodes of the schema. `wild` is the chance (one in so many) of something odd."""

    def __init__(self, below: Below, version: int, wild: int, large: bool, focus: list[str]) -> None:
        self.below = below
        self.focus = focus
        self.version = version
        self.wild = wild
        self.large = large

    def once(self, of: int) -> bool:
        """True about once in so many draws; shrinks to False."""
        return self.below(of) == of - 1

    def pick(self, items: list[Any]) -> Any:
        return items[self.below(len(items))]

    def some(self, items: list[Any], most: int) -> list[Any]:
        """Different items of a list, at most so many."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(self.below(min(most, len(left)) + 1))]

    def fits(self, schema: Mapping[str, Any]) -> bool:
        since = schema.get("x-since")
        return since is None or int(since.split(".")[1]) <= self.version or self.once(self.wild * 3)

    def value(self, schema: Mapping[str, Any], key: str, depth: int = 0) -> Any:
        while "$ref" in schema:
            schema = read_schema()["definitions"][schema["$ref"].rpartition("/")[2]]
        if self.once(self.wild):
            return self.odd()
        if "oneOf" in schema:
            return self.value(self.pick([branch for branch in schema["oneOf"] if self.fits(branch)]), key, depth)
        kind = schema.get("type", "string")
        kind = self.pick(kind) if isinstance(kind, list) else kind
        if kind == "object":
            return self.mapping(schema, key, depth)
        if kind == "array":
            items = [self.value(schema["items"], key, depth + 1) for _ in range(self.below(4))]
            return items if self.once(8) else _different(items)
        return self.scalar(schema, kind, key)

    def odd(self) -> Any:
        which = self.below(3)
        refused = self.once(self.wild)
        if which == 0:
            return Scalar(self.pick(_REFUSED_SCALARS if refused else _ODD_SCALARS))
        return self.pick(_ODD_TEXTS) if which == 1 else self.pick(_REFUSED_VARIABLES if refused else _VARIABLES)

    def scalar(self, schema: Mapping[str, Any], kind: str, key: str) -> Any:
        if kind == "null":
            return Scalar(self.pick(["null", "~", ""]))
        if kind == "boolean":
            words = [Scalar("true"), Scalar("false"), Scalar("True")]
            return self.pick([*words, "${TRUE}", "${YES}", "${UNSET:-off}"] if self.casts(key) else words)
        if kind in ("integer", "number"):
            numbers = [Scalar("0"), Scalar("1"), Scalar("5"), Scalar("80"), Scalar("0440"), Scalar("2.0")]
            return self.pick(
                [*numbers[: 6 if self.once(4) else 5], *(["${NUM}", "${UNSET:-7}"] if self.casts(key) else ())]
            )
        if "enum" in schema:
            return self.pick(schema["enum"])
        if (
            self.once(8)
            and key not in ("duration", "ports", "volumes", "memory", "env_file", "order")
            and "format" not in schema
        ):
            return self.pick(_VARIABLES)
        name = str(schema.get("format", key))
        if name in _REFUSED_TEXTS and self.once(self.wild):
            return self.pick(_REFUSED_TEXTS[name])
        return self.pick(_TEXTS.get(name) or ["a", "b", "c"])

    def casts(self, key: str) -> bool:
        """Whether a variable may stand for a number or boolean under this key; sometimes where it may not."""
        return key not in ("init", "pids", "size", "value", "ulimits") or self.once(self.wild)

    def mapping(self, schema: Mapping[str, Any], key: str, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        properties = schema.get("properties", {})
        known = [name for name, sub in properties.items() if name != "version" and self.fits(sub)]
        if key == "services" and self.focus:
            known = [name for name in known if name in self.focus]
        if known:
            for name in self.some(known, 12 if self.large else 5):
                if name != "external" or self.once(3):
                    out[name] = self.value(properties[name], name, depth + 1)
            if "external" in out and not self.once(4):
                out = {name: item for name, item in out.items() if name in ("external", "name", "internal", "file")}
                if isinstance(out["external"], dict):
                    out.pop("name", None)
            elif "driver" in out and "file" in out and not self.once(4):
                del out["file"]
        for name in schema.get("required", ()):
            if name in properties and name != "version" and not self.once(self.wild):
                out.setdefault(name, self.value(properties[name], name, depth + 1))
        for pattern, sub in schema.get("patternProperties", {}).items():
            if pattern == "^x-":
                if self.fits(sub) and self.once(6):
                    out[self.pick(["x-a", "x-b"])] = self.anything(2)
                continue
            names = ["a", "b"] if key == "services" and self.focus else _NAMES.get(key, _KEYS)
            for name in self.some(names, 3):
                if pattern == ".+" or pattern == "^.+$":
                    out[name] = self.entry(sub, key)
                else:
                    out[name] = self.value(sub, key, depth + 1)
        if key == "networks" and not known and self.once(self.wild // 2 or 1):
            # names that docker's schema does not look at: anything goes, up to the decoder
            out["a b"] = _Maker(self.below, 13, 5, self.large, []).value(
                read_schema()["definitions"]["network"], "n", 1
            )
        if self.once(self.wild * 2):
            out[self.pick(["bogus", "Labels", "x-z", "name", "", "subpath", "Source", "mem_limit", "a b"])] = self.odd()
        return out

    def entry(self, schema: Mapping[str, Any], key: str) -> Any:
        """A value of a map of labels, variables or options: the place where odd scalars are legal."""
        if self.once(2):
            return self.odd()
        return self.scalar(schema, "string", key)

    def anything(self, depth: int) -> Any:
        which = self.below(5 if depth else 3)
        if which == 3:
            return {self.pick(_KEYS): self.anything(depth - 1) for _ in range(self.below(3))}
        if which == 4:
            return [self.anything(depth - 1) for _ in range(self.below(3))]
        return self.odd()


def make(below: Below, large: bool = False) -> Files:
    """Make one stack file, or two or three of one version that share names, from the numbers that `below` draws."""
    minor = below(16) - 2
    wild = (1500, 300, 40)[below(3)]
    count = (1, 1, 1, 1, 2, 3)[below(6)] if below(2) else 1
    texts = []
    focus: list[str] = []
    if count > 1 and below(4):  # few keys, so that both files have them
        focus = _Maker(below, 13, wild, large, []).some(
            sorted(read_schema()["definitions"]["service"]["properties"]), 8
        )
        focus += ["deploy", "ports"] if below(2) else []
    for _ in range(count):
        maker = _Maker(below, 13 if minor < 0 else minor, wild, large, focus)
        data = maker.mapping({**read_schema(), "required": []}, "", 0)
        services = maker.mapping(read_schema()["properties"]["services"], "services", 0)
        if services:
            data["services"] = services
        head = f'version: "3.{minor}"\n' if minor >= 0 else 'version: "3"\n' if minor == -2 else ""
        if maker.once(wild * 4):
            head = f"version: {maker.pick(_ODD_SCALARS)}\n"
        texts.append(head + "".join(_lines(data, 0)) or "{}\n")
    return Files(tuple(texts))


@st.composite
def stack_files(draw: Callable[[st.SearchStrategy[int]], int]) -> Files:
    """One stack file, or two or three of one version that share names."""
    return make(lambda count: draw(st.integers(0, count - 1)))


def _different(items: list[Any]) -> list[Any]:
    return [item for at, item in enumerate(items) if item not in items[:at]]


def _lines(value: Any, indent: int) -> list[str]:
    pad = " " * indent
    out = []
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in pairs:
        head = pad + ("-" if key is None else f"{quoted(key)}:")
        if isinstance(item, dict | list) and item:
            out.append(head + "\n")
            out.extend(_lines(item, indent + 2))
        else:
            out.append(f"{head} {_scalar(item)}\n")
    return out


def _scalar(value: Any) -> str:
    if isinstance(value, Scalar):
        return value.text
    return "{}" if value == {} else "[]" if value == [] else quoted(value)


def quoted(text: str) -> str:
    """A text in double quotes, as YAML reads it."""
    if text.isascii() and text.replace("_", "").replace("-", "").isalnum() and text[0].isalpha() and len(text) > 3:
        return text if text.lower() not in ("true", "false", "null") else f'"{text}"'
    out = []
    for char in text:
        code = ord(char)
        if char in '"\\':
            out.append("\\" + char)
        elif 0x20 <= code < 0x7F or 0xA0 < code < 0x2000 or 0x2100 < code < 0xD800 or code > 0xFFFF:
            out.append(char)
        else:
            out.append(f"\\u{code:04x}")
    return f'"{"".join(out)}"'
