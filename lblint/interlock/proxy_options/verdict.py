"""The verdict of nginx on the lines that `GlobalOptions`, `HTTPOptions` and `TCPOptions` add to its config.

Each line is compared with the table of directives: name, place, number of arguments and values; then all lines of a
part together: repeated directives, zones and formats that others name, sizes that depend on each other. A line is
valid, refused, or not checked where its meaning to nginx is not known here (a file that it opens, a directive of a
module). Measured with nginx 1.22 (tests/test_nginx_options.py).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from lblint.finding import Breaks, Severity
from lblint.interlock.proxy_options import values
from lblint.interlock.proxy_options.directives import DIRECTIVES, ELSEWHERE, OF_MODULES, Known
from lblint.interlock.proxy_options.values import (
    FOLDERS,
    OFFSET,
    SIZE,
    SIZES,
    TIME,
    TIMES,
    corrected_unit,
    plain,
    tokens,
)
from lblint.interlock.proxy_options.variables import VARIABLE, VARIABLES, is_variable
from lblint.interlock.value_problems import Problem, shown
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.spelling import distance

TEMPLATE_FORMATS = ("main", "trace")
"""The log formats that the template defines, behind the options."""
TEMPLATE_VARIABLES = {"main": (), "http": ("connection_upgrade",), "stream": ("name", "upstream")}
_PAGE = 4096


class Statement(NamedTuple):
    """A directive of an option: its words without quotes, and those of the block below it, None without one.

    `line` is the index of the option; `start` and `end` are characters of it.
    """

    words: tuple[str, ...]
    block: tuple[tuple[str, ...], ...] | None
    line: int
    start: int
    end: int

    @property
    def name(self) -> str:
        """The directive's name."""
        return self.words[0]


class Judged(NamedTuple):
    """A problem of an option, and the index of the option in its list."""

    line: int
    problem: Problem


def _problem(kind: str, statement: Statement, says: str, write: str = "", hint: str = "") -> Judged:
    unsure = kind == "unchecked"
    severity = Severity.WARNING if unsure else Severity.ERROR
    return Judged(
        statement.line, Problem(kind, statement.start, statement.end, says, write, severity, Breaks.PROXY, hint)
    )


class _RefusedError(Exception):
    """nginx refuses an argument: the sentence says which and why, `help` what to write, if that is known."""

    def __init__(self, says: str, help: str = "") -> None:
        super().__init__(says)
        self.help = help


class _UncheckedError(Exception):
    """An argument cannot be checked; the sentence says why."""


def statements(lines: Sequence[str]) -> list[Statement]:
    """The directives of options whose quotes and braces are closed; a semicolon at the end of an option is optional."""
    result: list[Statement] = []
    for index, line in enumerate(lines):
        words: list[str] = []
        block: list[tuple[str, ...]] | None = None
        outer: list[str] = []
        first = depth = 0
        read, broken = tokens(line)
        meant = [token for token in read if token.kind != "comment"]
        braces = [token.text for token in meant if token.kind == "brace"]
        if broken is not None or braces.count("{") != braces.count("}"):
            continue
        for token in meant:
            if token.kind == "brace" and token.text == "{":
                depth += 1
                if depth == 1:
                    outer, words, block = words, [], []
                elif block is not None:
                    block.append((*words, "{"))
                    words = []
            elif token.kind == "brace":
                depth -= 1
                if block is not None and (words or depth):
                    block.append((*words, "}"))
                words = []
                if depth == 0 and outer:
                    result.append(Statement(tuple(outer), tuple(block or ()), index, first, token.end))
                    outer, block = [], None
            elif token.kind == "end":
                if block is not None:
                    block.append(tuple(words))
                else:
                    result.append(Statement(tuple(words) or ("",), None, index, first, token.end))
                words = []
            else:
                if not words and not depth:
                    first = token.start
                words.append(plain(token))
        if words and not depth:
            result.append(Statement(tuple(words), None, index, first, len(line.rstrip())))
    return result


def judge_options(part: str, lines: Sequence[str], settings: Mapping[str, str]) -> Iterator[Judged]:
    """The problems of the options of a part ("main", "http", "stream").

    `given` are the directives that the template writes into that part itself, with what nginx says of a second one: ""
    for "is duplicate". Kinds of problems: "refused", "twice", "unchecked". Never raises.
    """
    options = statements(lines)
    judge = _Judge(part, options)
    seen: set[str] = set()
    for statement in options:
        name = statement.name
        once = nginx_repeats(part, name) is False
        if name in settings or (once and name in seen):
            yield _problem("twice", statement, settings.get(name, ""))
            continue
        seen.add(name)
        yield from judge.judge(statement)
    yield from judge.relations()


def nginx_repeats(part: str, name: str) -> bool | None:
    """Whether a directive may stand several times; None where that is not known."""
    known = DIRECTIVES[part].get(name)
    if known is None:
        return None
    if known.kind in _ONCE:
        return False
    return name not in _ONCE_NAMES


_ONCE = ("flag", "time", "number", "size", "offset", "text", "value", "rate", "buffers", "one")
_ONCE_NAMES = frozenset((
    "root", "resolver", "expires", "keepalive_timeout", "charset", "open_file_cache", "real_ip_header", "proxy_cache",
    "events", "http", "user", "worker_processes", "worker_priority", "worker_cpu_affinity", "aio", "directio",
    "disable_symlinks", "proxy_bind", "satisfy", "mirror",
))  # fmt: skip


class _Judge:
    """One part's options, with the zones, log formats and variables that they make."""

    def __init__(self, part: str, options: Sequence[Statement]) -> None:
        self.part = part
        self.found = options
        self.variables = set(TEMPLATE_VARIABLES[part])
        self.formats: set[str] = set()
        self.zones: dict[str, str] = {}
        for statement in options:
            if statement.name in ("map", "geo", "split_clients", "auth_request_set") and len(statement.words) > 1:
                self.variables.add(
                    statement.words[1 if statement.name == "auth_request_set" else -1].lstrip("$").lower()
                )
        others = (statement for statement in options if statement.name not in DIRECTIVES[part])
        self.unnamed = any(self._unknown(statement).problem.kind == "unchecked" for statement in others) or any(
            statement.name in ("include", "load_module", "split_clients", "server") for statement in options
        )
        self.last: dict[str, Statement] = {}
        self.ended: set[Statement] = set()

    def judge(self, statement: Statement) -> Iterator[Judged]:
        """Yield the first problem of one directive by itself."""
        known = DIRECTIVES[self.part].get(statement.name)
        if known is None:
            yield self._unknown(statement)
            return
        count = len(statement.words) - 1
        if not known.takes(count):
            yield _problem("refused", statement, f"{known.name} takes {_counts(known)}, not {count}")
        elif (statement.block is None) == (known.kind == "block"):
            needs = known.kind == "block"
            says = f"{known.name} needs a block in braces" if needs else f"{known.name} cannot have a block in braces"
            yield _problem("refused", statement, says, hint=f"{'add' if needs else 'remove'} the block")
        else:
            try:
                self._values(known, statement)
                self.last[known.name] = statement
            except _RefusedError as error:
                self.ended.add(statement)
                yield _problem("refused", statement, str(error), hint=error.help)
            except _UncheckedError as error:
                yield _problem("unchecked", statement, str(error))

    def _unknown(self, statement: Statement) -> Judged:
        name, part = statement.name, self.part
        homes = [other for other, table in DIRECTIVES.items() if name in table]
        home = {"main": "GlobalOptions", "http": "HTTPOptions", "stream": "TCPOptions"}
        if not name:
            return _problem("refused", statement, "a semicolon has no directive before it", hint="remove the semicolon")
        if homes:
            return _problem("refused", statement, f"{name} is not allowed {_PART[part]}",
                            hint=" or ".join(f"move it to {home[other]}" for other in homes))  # fmt: skip
        if name in ELSEWHERE:
            says = f"{name} is not allowed {_PART[part]}, only in {ELSEWHERE[name]}"
            return _problem("refused", statement, says)
        if name not in OF_MODULES and not name.startswith(_PREFIXES):
            meant = _near(name, DIRECTIVES[part])
            if meant:
                return _problem("refused", statement, f'"{name}" is not a directive of nginx', hint=f"write {meant}")
        return _problem("unchecked", statement, f"{shown(name)} is not a directive of nginx 1.22 without modules")

    def _values(self, known: Known, statement: Statement) -> None:
        """Raises where an argument is refused or not known."""
        name, args = known.name, statement.words[1:]
        own = getattr(self, f"_of_{name}", None) if known.kind in ("own", "block") else None
        if name in _SPECIAL:
            _SPECIAL[name](self, name, args)
        elif own is not None:
            own(statement)
        elif known.kind in ("own", "block") or name in _OPENS:
            raise _UncheckedError(f"{name} depends on what lblint does not see")
        elif known.kind == "one":
            _one(name, args[0], known.words)
        elif known.kind == "some":
            for arg in args:
                _one(name, arg, known.words)
        else:
            _KINDS[known.kind](self, name, args)

    def value(self, text: str) -> None:
        """Check a value with variables, all of which must exist."""
        for match in VARIABLE.finditer(text):
            name = match["braced"] if match["braced"] is not None else match["plain"]
            if not name or (match["braced"] is not None and not match[0].endswith("}")):
                raise _RefusedError(f'a "$" in {shown(text)} is not followed by the name of a variable')
            if name.isdecimal():
                raise _UncheckedError(f'"${name}" is a capture of a regular expression')
            self.variable(name)

    def variable(self, name: str) -> None:
        """The name of a variable, without its `$`."""
        known = name.lower() in self.variables or is_variable(name, "http" if self.part == "main" else self.part)
        if known is None or (not known and self.unnamed):
            raise _UncheckedError(f'"${name}" is not a variable of nginx 1.22 itself')
        if not known:
            meant = _near(name, dict.fromkeys(VARIABLES["stream" if self.part == "stream" else "http"]))
            raise _RefusedError(f'"${name}" is not a variable of nginx', f"write ${meant}" if meant else "")

    def relations(self) -> Iterator[Judged]:
        """Sizes that depend on each other, and zones that directives name."""
        for prefix in ("proxy", "fastcgi", "uwsgi", "scgi") if self.part == "http" else ():
            yield from self._buffers(prefix)
        pool = self.last.get("connection_pool_size")
        if pool and nginx_bytes(pool.words[1]) > 8192:
            says = "connection_pool_size must not be larger than large_client_header_buffers"
            yield _problem("unchecked", pool, says)
        for statement in self.found:
            if statement.name in ("limit_req", "limit_conn") and statement in self.last.values():
                zone = next((w[5:] for w in statement.words if w.startswith("zone=")), statement.words[1])
                kind = self.zones.get(zone, "")
                if kind != f"{statement.name}_zone" and not self.unnamed:
                    says = f"no {statement.name}_zone defines the zone {shown(zone)}"
                    yield _problem("refused", statement, says, hint=f"add a {statement.name}_zone for it")

    def _buffers(self, prefix: str) -> Iterator[Judged]:
        """The buffers of responses (ngx_http_proxy_merge_loc_conf)."""
        parts = ("busy_buffers_size", "buffers", "buffer_size", "temp_file_write_size", "max_temp_file_size")
        names = [f"{prefix}_{name}" for name in parts]
        held = {name: self.last[name] for name in names if name in self.last}
        if not held:
            return
        busy, buffers, single, write, most = (held.get(name) for name in names)
        number, each = (int(buffers.words[1]), nginx_bytes(buffers.words[2])) if buffers else (8, _PAGE)
        largest = max(each, nginx_bytes(single.words[1]) if single else _PAGE)
        blamed = busy or single or buffers
        if buffers and number < 2:
            yield _problem("refused", buffers, f"{names[1]} must be at least 2", hint=f"write 2 or more {names[1]}")
        elif busy and nginx_bytes(busy.words[1]) < largest:
            yield _problem(
                "refused", busy, f"{names[0]} must be at least as large as {names[2]} and as one of {names[1]}"
            )
        elif blamed and (nginx_bytes(busy.words[1]) if busy else 2 * largest) > (number - 1) * each:
            has = busy.words[1] if busy else f"{2 * largest // 1024}k by default"
            most_busy = f"{(number - 1) * each // 1024}k"
            says = f"{names[0]} is {has}, but must be less than the {most_busy} of all {names[1]} but one"
            size = max(largest, each)
            enough = (nginx_bytes(busy.words[1]) if busy else 2 * largest) // size + 2
            yield _problem("refused", blamed, says, hint=f"write {names[1]} {max(enough, 4)} {size // 1024}k;")
        elif write and nginx_bytes(write.words[1]) < largest:
            yield _problem(
                "refused", write, f"{names[3]} must be at least as large as {names[2]} and one of {names[1]}"
            )
        elif most and 0 < nginx_bytes(most.words[1]) < largest:
            yield _problem(
                "refused", most, f"{names[4]} must be 0, or at least as large as {names[2]} and one of {names[1]}"
            )

    def _zone(self, name: str, kind: str, text: str) -> None:
        zone, _, size = text.partition(":")
        if not zone or not size or ":" in size:
            raise _RefusedError(f"{shown(text)} in {name} is not the name of a zone and its size")
        _size(self, name, (size,))
        if nginx_bytes(size) < 8 * _PAGE:
            raise _RefusedError(f"the zone {shown(zone)} in {name} is {size}, but a zone needs at least 32k")
        if zone in self.zones:
            raise _RefusedError(f"the zone {shown(zone)} already exists")
        self.zones[zone] = kind

    # one method for each directive with special arguments

    def _of_log_format(self, statement: Statement) -> None:
        name, *texts = statement.words[1:]
        if name in (*TEMPLATE_FORMATS, "combined", *self.formats) or (name == "stream" and self.part == "stream"):
            raise _RefusedError(f"the log format {shown(name)} already exists", "give it another name")
        self.formats.add(name)
        if texts[0].startswith("escape="):
            _one("log_format", texts.pop(0), ("escape=default", "escape=json", "escape=none"), exact=True)
        self.value("".join(texts))

    def _of_access_log(self, statement: Statement) -> None:
        path, *more = statement.words[1:]
        if path == "off" and more:
            raise _RefusedError("access_log off takes no other parameters")
        if path == "off":
            return
        formats = [word for word in more[:1] if "=" not in word]
        _log_file("access_log", path)
        self.value(path)
        if self.part == "stream" and not formats:
            raise _RefusedError("access_log needs the name of a log_format here")
        for name in formats:
            if name in TEMPLATE_FORMATS or self.unnamed:
                raise _UncheckedError(f"the template may define the log format {name} after the options")
            if name not in self.formats and (name != "combined" or self.part == "stream"):
                raise _RefusedError(f"access_log names the log format {shown(name)}, which is not defined before it")
        buffered = False
        for word in more[1:]:
            key, _, text = word.partition("=")
            if key == "buffer":
                _size(self, "access_log buffer", (text,))
                buffered = True
                if not nginx_bytes(text):
                    raise _RefusedError("the buffer of access_log has the size 0")
            elif key == "flush" and buffered:
                _time(self, "access_log flush", (text,))
                if not pattern("[1-9]").search(text):
                    raise _RefusedError("flush of access_log has no time")
            elif key == "if" and text:
                self.value(text)
            elif word == "gzip" or key in ("gzip", "flush"):
                raise _UncheckedError(f"{shown(word)} of access_log is not known to lblint")
            else:
                raise _RefusedError(f"{shown(word)} in access_log is not one of its parameters")
        if buffered and "$" in path:
            raise _RefusedError("an access_log whose path has variables cannot have a buffer")

    def _of_error_log(self, statement: Statement) -> None:
        path, *levels = statement.words[1:]
        if path != "stderr":
            _log_file("error_log", path)
        known = ("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug")
        for level in levels:
            _one("error_log", level, known, exact=True)
        if len(levels) > 1:
            raise _UncheckedError("error_log has several levels")

    def _of_limit_req_zone(self, statement: Statement) -> None:
        key, *rest = statement.words[1:]
        zone = [word for word in rest if word.startswith("zone=")]
        rate = [word for word in rest if word.startswith("rate=")]
        for word in rest:
            if not word.startswith(("zone=", "rate=")):
                raise _RefusedError(f"{shown(word)} in limit_req_zone is neither zone= nor rate=")
        if len(zone) != 1 or len(rate) != 1:
            raise _RefusedError("limit_req_zone needs one zone= and one rate=")
        if not pattern(r"rate=0*[1-9][0-9]{0,8}(?:r/s|r/m)?").fullmatch(rate[0]):
            raise _RefusedError(f"{shown(rate[0])} in limit_req_zone is not a rate such as rate=10r/s")
        self.value(key)
        self._zone("limit_req_zone", "limit_req_zone", zone[0][5:])

    def _of_limit_conn_zone(self, statement: Statement) -> None:
        key, zone = statement.words[1:]
        if not zone.startswith("zone="):
            raise _RefusedError(f"{shown(zone)} in limit_conn_zone is not zone=<name>:<size>")
        self.value(key)
        self._zone("limit_conn_zone", "limit_conn_zone", zone[5:])

    def _of_limit_req(self, statement: Statement) -> None:
        words = statement.words[1:]
        if sum(word.startswith("zone=") and len(word) > 5 for word in words) != 1:
            raise _RefusedError("limit_req needs one zone=<name>")
        for word in words:
            number = pattern(r"(?:burst|delay)=0*[1-9][0-9]{0,8}").fullmatch(word)
            if not (word.startswith("zone=") or word == "nodelay" or number):
                raise _RefusedError(f"{shown(word)} in limit_req is not one of its parameters")
        self._once_by_zone(statement, next(word for word in words if word.startswith("zone=")))

    def _of_limit_conn(self, statement: Statement) -> None:
        zone, number = statement.words[1:]
        if not pattern(r"0*[1-9][0-9]{0,4}").fullmatch(number) or int(number) > 65535:
            raise _RefusedError(f"{shown(number)} in limit_conn is not a number of connections")
        self._once_by_zone(statement, zone)

    def _once_by_zone(self, statement: Statement, zone: str) -> None:
        same = [option for option in self.found if option.name == statement.name and zone in option.words[1:]]
        if same and same[0] is not statement:
            raise _RefusedError(f"{statement.name} for {shown(zone.removeprefix('zone='))} is set twice")

    def _of_map(self, statement: Statement) -> None:
        source, name = statement.words[1:]
        if not name.startswith("$") or len(name) < 2:
            raise _RefusedError(f"{shown(name)} in map is not the name of a variable")
        self._free(name)
        self.value(source)
        seen: set[str] = set()
        hostnames = False
        for words in statement.block or ():
            if words and words[-1] in ("{", "}"):
                raise _RefusedError("an entry of map has a block in braces, or no semicolon at its end")
            if words in (("hostnames",), ("volatile",)):
                hostnames = hostnames or words[0] == "hostnames"
                continue
            if len(words) != 2:
                raise _RefusedError(f"an entry of map has {len(words)} words, but needs a value and its replacement")
            key = words[0].lower()
            if words[0] == "include":
                raise _UncheckedError("map reads entries from a file")
            if key in seen:
                raise _RefusedError(f"{shown(words[0])} in map is set twice")
            seen.add(key)
            self.value(words[1])
            if words[0].startswith("~"):
                _regex(words[0][1:])
            elif (
                len(words[0]) > 40
                or (hostnames and pattern(r"[*]|\A\.|\.\.|\.\Z").search(words[0]))
                or "\\" in words[0]
            ):
                raise _UncheckedError(f"{shown(words[0])} in map is not known to lblint")

    def _of_geo(self, statement: Statement) -> None:
        for name in statement.words[1:]:
            if not name.startswith("$") or len(name) < 2:
                raise _RefusedError(f"{shown(name)} in geo is not the name of a variable")
        if len(statement.words) == 3:
            self.variable(statement.words[1][1:])
        self._free(statement.words[-1])
        for words in statement.block or ():
            if words and words[-1] in ("{", "}"):
                raise _RefusedError("an entry of geo has a block in braces, or no semicolon at its end")
            if words[:1] in (("include",), ("ranges",), ("delete",)) or words == ("proxy_recursive",):
                raise _UncheckedError(f"{words[0]} in geo is not known to lblint")
            if len(words) != 2:
                raise _RefusedError(f"an entry of geo has {len(words)} words, but needs a network and a value")
            if words[0] != "default":
                _network("geo", words[1] if words[0] == "proxy" else words[0])

    def _free(self, name: str) -> None:
        """A variable that options define may not be one of nginx's own."""
        if is_variable(name[1:], self.part) is not False:
            raise _UncheckedError(f"{shown(name)} is already a variable of nginx")

    def _of_add_header(self, statement: Statement) -> None:
        text, *more = statement.words[2:]
        if more and more != ["always"]:
            raise _RefusedError(f'{shown(more[0])} in {statement.name} is not "always"')
        self.value(text)

    _of_add_trailer = _of_add_header

    def _of_expires(self, statement: Statement) -> None:
        args = list(statement.words[1:])
        if len(args) == 2 and args.pop(0) != "modified":
            raise _RefusedError('the first of two parameters of expires is not "modified"')
        if "$" in args[0]:
            self.value(args[0])
        elif args[0] not in ("epoch", "max", "off") or len(statement.words) == 3:
            _time(self, "expires", (args[0].lstrip("+-@") if len(args[0]) > 1 else args[0],))
            if not pattern(r"[+-]?[0-9]+[smhd]?").fullmatch(args[0]) or len(args[0]) > 8:
                raise _UncheckedError(f"{shown(args[0])} in expires is not known to lblint")

    def _of_resolver(self, statement: Statement) -> None:
        servers = 0
        for word in statement.words[1:]:
            if word.startswith("valid="):
                _time(self, "resolver valid", (word[6:],))
            elif word.startswith("ipv6="):
                _one("resolver", word, ("ipv6=on", "ipv6=off"), exact=True)
            elif word.startswith(("ipv4=", "status_zone=")):
                raise _UncheckedError(f"{shown(word)} in resolver needs a later nginx")
            else:
                _server("resolver", word)
                servers += 1
        if not servers:
            raise _RefusedError("resolver has no address")

    def _of_error_page(self, statement: Statement) -> None:
        *codes, uri = statement.words[1:]
        if codes and codes[-1].startswith("="):
            answer = codes.pop()
            if not pattern(r"=[0-9]{0,3}").fullmatch(answer):
                raise _RefusedError(f"{shown(answer)} in error_page is not a status")
        for code in codes:
            if not pattern(r"[0-9]{1,9}").fullmatch(code) or not 300 <= int(code) <= 599 or int(code) == 499:
                raise _RefusedError(f"{shown(code)} in error_page is not a status from 300 to 599")
        if not codes:
            raise _RefusedError("error_page has no status")
        self.value(uri)

    def _of_set_real_ip_from(self, statement: Statement) -> None:
        if statement.words[1] != "unix:":
            _network(statement.name, statement.words[1])

    def _of_allow(self, statement: Statement) -> None:
        if statement.words[1] not in ("all", "unix:"):
            _network(statement.name, statement.words[1], host=False)

    _of_deny = _of_allow

    def _of_real_ip_header(self, statement: Statement) -> None:
        """Any name."""

    def _of_gzip_disable(self, statement: Statement) -> None:
        for word in statement.words[1:]:
            if word != "msie6":
                _regex(word)

    def _of_keepalive_timeout(self, statement: Statement) -> None:
        for word in statement.words[1:]:
            _time(self, "keepalive_timeout", (word,))

    def _of_open_file_cache(self, statement: Statement) -> None:
        most = False
        for word in statement.words[1:]:
            if word == "off" and len(statement.words) == 2:
                return
            if pattern(r"max=0*[1-9][0-9]{0,8}").fullmatch(word):
                most = True
            elif word.startswith("inactive="):
                _time(self, "open_file_cache inactive", (word[9:],))
            else:
                raise _RefusedError(f"{shown(word)} in open_file_cache is not one of its parameters")
        if not most:
            raise _RefusedError("open_file_cache has no max=<number>", "add max=<number>")

    def _of_ssl_session_cache(self, statement: Statement) -> None:
        for word in statement.words[1:]:
            if word.startswith("shared:"):
                zone, _, size = word[7:].partition(":")
                if not zone or not pattern(r"[0-9]{1,12}[kKmM]?").fullmatch(size):
                    raise _RefusedError(f"{shown(word)} in ssl_session_cache is not shared:<name>:<size>")
                if nginx_bytes(size) < 8 * _PAGE:
                    raise _RefusedError(f"the cache of ssl_session_cache is {size}, but needs at least 32k")
                if self.zones.setdefault(zone, "ssl") != "ssl":
                    raise _RefusedError(f"the zone {shown(zone)} of ssl_session_cache already exists")
            elif word not in ("off", "none", "builtin") and not pattern(r"builtin:[1-9][0-9]{0,8}").fullmatch(word):
                raise _RefusedError(
                    f"{shown(word)} in ssl_session_cache is not off, none, builtin or shared:<name>:<size>"
                )

    def _of_proxy_redirect(self, statement: Statement) -> None:
        words = statement.words[1:]
        if words == ("default",):
            raise _RefusedError('"proxy_redirect default" is allowed only after a proxy_pass')
        if len(words) == 1 and words[0] != "off":
            raise _RefusedError(f"{shown(words[0])} in proxy_redirect alone is neither off nor default")
        for word in words:
            if word.startswith("~"):
                raise _UncheckedError("proxy_redirect has a regular expression")
            self.value(word)

    _of_proxy_cookie_path = _of_proxy_redirect
    _of_proxy_cookie_domain = _of_proxy_redirect

    def _of_proxy_cache_valid(self, statement: Statement) -> None:
        *codes, time = statement.words[1:]
        _time(self, "proxy_cache_valid", (time,))
        for code in codes:
            if code != "any" and not (pattern(r"[0-9]{3}").fullmatch(code) and 100 <= int(code) <= 599):
                raise _RefusedError(f"{shown(code)} in proxy_cache_valid is not a status")

    def _of_charset(self, statement: Statement) -> None:
        if "$" in statement.words[1]:
            raise _UncheckedError("charset has a variable")

    def _of_root(self, statement: Statement) -> None:
        self.value(statement.words[1])
        if pattern(r"\$\{?(?:document|realpath)_root").search(statement.words[1]):
            raise _RefusedError("root cannot contain $document_root or $realpath_root")

    def _of_index(self, statement: Statement) -> None:
        for word in statement.words[1:]:
            self.value(word)
            if not word or "$" in word or word.startswith("/"):
                raise _UncheckedError(f"{shown(word)} in index is not known to lblint")

    def _of_sub_filter(self, statement: Statement) -> None:
        for word in statement.words[1:]:
            self.value(word)
        if not statement.words[1]:
            raise _RefusedError("sub_filter has an empty string to replace")

    def _of_worker_priority(self, statement: Statement) -> None:
        if not pattern(r"[+-]?[0-9]{1,3}").fullmatch(statement.words[1]):
            raise _RefusedError(f"{shown(statement.words[1])} in worker_priority is not a number")

    def _of_worker_cpu_affinity(self, statement: Statement) -> None:
        if statement.words[1:] != ("auto",):
            raise _UncheckedError("worker_cpu_affinity has CPU masks")

    def _of_env(self, statement: Statement) -> None:
        if not pattern(r"[A-Za-z_][A-Za-z0-9_]*(?:=.*)?").fullmatch(statement.words[1]):
            raise _UncheckedError(f"{shown(statement.words[1])} in env is not the name of a variable")


def _size(_: _Judge, name: str, args: Sequence[str]) -> None:
    if not SIZE.fullmatch(args[0]):
        raise _RefusedError(f"{shown(args[0])} in {name} is not a valid size", _unit(args[0], SIZE) or SIZES)


def _offset(_: _Judge, name: str, args: Sequence[str]) -> None:
    if not OFFSET.fullmatch(args[0]):
        help = _unit(args[0], OFFSET) or "write a number with the unit k, m or g"
        raise _RefusedError(f"{shown(args[0])} in {name} is not a valid size", help)


def _time(_: _Judge, name: str, args: Sequence[str]) -> None:
    if next(values.check_time(args[0]), None) or args[0][:1] in ("'", '"'):
        raise _RefusedError(f"{shown(args[0])} in {name} is not a valid time", _unit(args[0], TIME) or TIMES)


def _seconds(_: _Judge, name: str, args: Sequence[str]) -> None:
    if not pattern(r"[0-9]{1,9}[yMwdhms]?").fullmatch(args[0]):
        if pattern(r"(?:[0-9]+[yMwdhms] ?)+").fullmatch(args[0]):
            raise _UncheckedError(f"{shown(args[0])} in {name} is not known to lblint")
        help = "write a number with one of the units s, m, h and d"
        raise _RefusedError(f"{shown(args[0])} in {name} is not a valid time in seconds", help)


def _number(_: _Judge, name: str, args: Sequence[str]) -> None:
    if not pattern(r"[0-9]{1,12}").fullmatch(args[0]):
        raise _RefusedError(f"{shown(args[0])} in {name} is not a number", "write a number without a unit")


def _within(least: int, most: int, step: str = "") -> Callable[[_Judge, str, Sequence[str]], None]:
    """A number or size in a range; `step` "16": a multiple of 16, "2": a power of 2."""

    def check(judge: _Judge, name: str, args: Sequence[str]) -> None:
        (_size if step else _number)(judge, name, args)
        value = nginx_bytes(args[0])
        if not least <= value <= most or (step == "16" and value % 16) or (step == "2" and value & (value - 1)):
            extra = {"16": " and a multiple of 16", "2": " and a power of 2"}.get(step, "")
            raise _RefusedError(f"{shown(args[0])} in {name} is not between {least} and {most}{extra}")

    return check


def _only(*words: str) -> Callable[[_Judge, str, Sequence[str]], None]:
    """Words that open nothing and need nothing; any other is not checked."""

    def check(_: _Judge, name: str, args: Sequence[str]) -> None:
        if any(arg.lower() not in words for arg in args):
            raise _UncheckedError(f"{name} depends on what lblint does not see")

    return check


def _flag(_: _Judge, name: str, args: Sequence[str]) -> None:
    if args[0].lower() not in ("on", "off"):
        raise _RefusedError(f'{shown(args[0])} in {name} is neither "on" nor "off"', "write on or off")


def _buffers(judge: _Judge, name: str, args: Sequence[str]) -> None:
    if not pattern(r"0*[1-9][0-9]{0,5}").fullmatch(args[0]):
        raise _RefusedError(f"{shown(args[0])} in {name} is not a number of buffers")
    _size(judge, name, args[1:])
    if not nginx_bytes(args[1]):
        raise _RefusedError(f"{shown(args[1])} in {name} is not a valid size", SIZES)


def _all_values(judge: _Judge, _: str, args: Sequence[str]) -> None:
    for arg in args:
        judge.value(arg)


def _pair(judge: _Judge, name: str, args: Sequence[str]) -> None:
    if not name.endswith("_set_header"):
        raise _UncheckedError(f"{name} depends on what lblint does not see")
    judge.value(args[1])


def _rate(judge: _Judge, name: str, args: Sequence[str]) -> None:
    if "$" in args[0]:
        judge.value(args[0])
    else:
        _size(judge, name, args)


def _anything(*_: object) -> None:
    """nginx takes any word."""


_KINDS: Mapping[str, Callable[[_Judge, str, Sequence[str]], None]] = {
    "flag": _flag,
    "time": _time,
    "number": _number,
    "size": _size,
    "offset": _offset,
    "text": _anything,
    "texts": _anything,
    "words": _anything,
    "value": _all_values,
    "values": _all_values,
    "rate": _rate,
    "buffers": _buffers,
    "pair": _pair,
}

_FILES = """
    ssl_certificate ssl_certificate_key ssl_client_certificate ssl_crl ssl_dhparam ssl_session_ticket_key
    ssl_stapling_file ssl_trusted_certificate ssl_ocsp_responder ssl_stapling_responder ssl_ecdh_curve ssl_ocsp
    proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_crl proxy_ssl_trusted_certificate proxy_ssl_ciphers
    proxy_ssl_verify grpc_ssl_certificate grpc_ssl_certificate_key grpc_ssl_crl grpc_ssl_trusted_certificate
    grpc_ssl_ciphers grpc_ssl_verify uwsgi_ssl_certificate uwsgi_ssl_certificate_key uwsgi_ssl_crl uwsgi_ssl_ciphers
    uwsgi_ssl_trusted_certificate uwsgi_ssl_verify secure_link_secret secure_link secure_link_md5 working_directory
    lock_file mp4_buffer_size post_action map_hash_max_size map_hash_bucket_size variables_hash_max_size
    variables_hash_bucket_size server_names_hash_max_size server_names_hash_bucket_size types_hash_max_size
    types_hash_bucket_size proxy_headers_hash_max_size proxy_headers_hash_bucket_size userid_service userid_domain
    userid_p3p userid_path userid_name fastcgi_index uwsgi_string slice fastcgi_catch_stderr
    mp4_max_buffer_size http2_chunk_size http2_recv_buffer_size http2_pool_size http2_body_preread_size
    http2_streams_index_size postpone_gzipping gzip_hash ssl_early_data daemon master_process worker_rlimit_core
    ssl_ocsp_cache memcached_gzip_flag uwsgi_modifier1 uwsgi_modifier2 debug_points
"""
_OPENS = frozenset(_FILES.split())
"""Directives whose arguments open files, or depend on what is not known here."""


def _hash(least: int) -> Callable[[_Judge, str, Sequence[str]], None]:
    """A size of a hash table that is at least as large as nginx's own default; a smaller one may do."""

    def check(judge: _Judge, name: str, args: Sequence[str]) -> None:
        _number(judge, name, args)
        if not least <= int(args[0]) <= 1 << 16:
            raise _UncheckedError(f"lblint does not know whether the tables fit with {name} {args[0]}")

    return check


def _ciphers(judge: _Judge, name: str, args: Sequence[str]) -> None:
    problem = next(values.check_ciphers(args[0]), None)
    if problem is not None and judge.part == "stream":
        raise _UncheckedError(f"{problem.says} in {name}, which counts only for a server with TLS in the stream part")
    if problem is not None and problem.severity is Severity.ERROR:
        raise _RefusedError(f"{problem.says} in {name}", f"write {problem.write}" if problem.write else problem.hint)


_SPECIAL: Mapping[str, Callable[[_Judge, str, Sequence[str]], None]] = {
    "gzip_comp_level": _within(1, 9),
    "open_file_cache_valid": _seconds,
    "ssl_session_timeout": _seconds,
    "proxy_set_body": _all_values,
    "limit_req_status": _within(400, 599),
    "limit_conn_status": _within(400, 599),
    "gzip_window": _within(512, 1 << 15, "2"),
    "connection_pool_size": _within(256, 1 << 20, "16"),
    "request_pool_size": _within(256, 1 << 20, "16"),
    "ssl_verify_client": _only("off"),
    "http2_push": _only("on", "off"),
    "aio": _only("off"),
    "directio": _only("off"),
    "disable_symlinks": _only("off"),
    "proxy_cache": _only("off"),
    "proxy_store": _only("off"),
    "proxy_bind": _only("off"),
    "auth_request": _only("off"),
    "mirror": _only("off"),
    "pcre_jit": _flag,
    "ssl_ciphers": _ciphers,
    "map_hash_max_size": _hash(2048),
    "map_hash_bucket_size": _hash(64),
    "variables_hash_max_size": _hash(1024),
    "variables_hash_bucket_size": _hash(64),
    "server_names_hash_max_size": _hash(512),
    "types_hash_max_size": _hash(1024),
    "types_hash_bucket_size": _hash(64),
    "proxy_headers_hash_max_size": _hash(512),
    "proxy_headers_hash_bucket_size": _hash(64),
}


def _one(name: str, word: str, known: Sequence[str], exact: bool = False) -> None:
    if (word if exact else word.lower()) not in (known if exact else [allowed.lower() for allowed in known]):
        meant = _near(word, dict.fromkeys(known))
        help = f"write {meant}" if meant else f"write one of {', '.join(known)}"
        raise _RefusedError(f"{shown(word)} in {name} is not a value that nginx knows", help)


def _network(name: str, text: str, host: bool = True) -> None:
    """An address or a network. nginx takes bits beyond the mask with a warning."""
    try:
        ipaddress.ip_network(text, strict=False)
        if pattern(r"/.*\.").search(text):
            raise _UncheckedError(f"{name} has a mask with dots")
    except ValueError:
        if host and name == "set_real_ip_from" and pattern(r"[a-zA-Z0-9][\w.-]*").fullmatch(text):
            raise _UncheckedError(f"{name} has a host name, which nginx looks up when it starts") from None
        if (
            "%" in text
            or text != text.strip()
            or (pattern(r"[0-9.]*/[0-9.]*").fullmatch(text) and "." in text.partition("/")[2])
        ):
            raise _UncheckedError(f"{shown(text)} in {name} is not known to lblint") from None
        raise _RefusedError(f"{shown(text)} in {name} is not an address or a network") from None


def _server(name: str, text: str) -> None:
    """An address with a port or without."""
    match = pattern(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[^:]*))(?::(?P<port>[0-9]{1,5}))?").fullmatch(text)
    address = (match["v6"] or match["v4"]) if match else ""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        if pattern(r"[A-Za-z][A-Za-z0-9.-]*").fullmatch(address):
            raise _UncheckedError(f"{name} has a host name, which nginx looks up when it starts") from None
        raise _UncheckedError(f"{shown(text)} in {name} is not known to lblint") from None
    if match and match["port"] and not 1 <= int(match["port"]) <= 65535:
        raise _RefusedError(f"{shown(text)} in {name} does not have a valid port")


_DEVICES = ("/dev/null", "/dev/stdout", "/dev/stderr")


def _log_file(name: str, path: str) -> None:
    if path.startswith(("syslog:", "memory:")):
        raise _UncheckedError(f"{shown(path[:7])} in {name} is not known to lblint")
    if "$" not in path and (path in FOLDERS or path.endswith("/")):
        raise _RefusedError(f"{shown(path)} in {name} is a directory", "write the path of a file")
    known = ("/var/log/nginx", "/tmp", "/var/log", "/var/run", "/run")
    if "$" not in path and path not in _DEVICES and path.rpartition("/")[0] not in known:
        raise _UncheckedError(f"lblint does not know whether nginx can open {shown(path)} of {name}")


def _regex(text: str) -> None:
    plain_form = pattern(r"(?:\*)?\^?(?:[A-Za-z0-9_/ @:,=&%-]|\\[./dws-]|\.[*+]?\??|\|)*\$?")
    if not plain_form.fullmatch(text):
        raise _UncheckedError(f"lblint does not know whether nginx accepts the regular expression {shown(text)}")


def _unit(text: str, form: re.Pattern[str]) -> str:
    """Return the advice to write a number with the unit that nginx has for the written one, else ""."""
    corrected = corrected_unit(text, form)
    return f"write {corrected}" if corrected else ""


def nginx_bytes(text: str) -> int:
    """A size in bytes, as `8k`, `1m` or `1g` write it."""
    factor = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}.get(text[-1:].lower(), 1)
    return int(text if factor == 1 else text[:-1]) * factor


def _counts(known: Known) -> str:
    if known.least is not None:
        return f"{known.least} argument{'' if known.least == 1 else 's'} or more"
    counts = sorted(known.counts)
    return f"{' or '.join(map(str, counts))} argument{'' if counts[-1] == 1 else 's'}"


_PART = {"main": "at the top of nginx.conf", "http": "in the http part", "stream": "in the stream part"}
_PREFIXES = ("auth_jwt", "brotli", "zstd", "geoip", "headers_more", "js_", "lua_", "more_", "nchan_", "njs_", "otel_",
             "opentracing", "pagespeed", "perl", "modsecurity", "set_by_lua", "vhost_traffic", "xslt", "image_filter",
             "init_by", "access_by", "content_by", "log_by", "passenger", "push_stream", "upload", "dyups", "quic_",
             "http3", "mgmt", "license", "api", "health_check", "keyval", "status", "zone_sync", "sticky", "f4f", "hls",
             "session_log", "proxy_protocol_tlv", "secure_cookie", "security_headers", "ajp_", "oidc_", "acme_",
             "echo", "rtmp", "tunnel_")  # fmt: skip
"""How directives of modules and of NGINX Plus begin."""


def _near(name: str, known: Mapping[str, object]) -> str:
    """Return the name that is one slip away, or two for a long one; "" for none."""
    best = ""
    least = (1 if len(name) < 8 else 2) + 1
    for other in known:
        if abs(len(other) - len(name)) < least:
            far = distance(name.lower().replace("-", "_"), other, least - 1)
            if far < least:
                best, least = other, far
    return best


def judge_format(text: str, http_options: Sequence[str]) -> Iterator[Problem]:
    """Yield the variables of a log format that neither nginx nor the options of the http part define."""
    judge = _Judge("http", statements(http_options))
    for token in tokens(text)[0]:
        for match in VARIABLE.finditer(token.text) if token.kind in ("quoted", "word") else ():
            name = match["braced"] if match["braced"] is not None else match["plain"]
            start, end = token.start + match.start(), token.start + match.end()
            if not name:
                says = 'a "$" is not followed by the name of a variable'
                yield Problem("variable", start, end, says, hint="write the name of a variable after it")
            elif name not in judge.variables | {"reqid"} and is_variable(name, "http") is False and not judge.unnamed:
                meant = _near(name, dict.fromkeys(VARIABLES["http"]))
                says = f'"${name}" is not a variable of nginx'
                yield Problem("variable", start, end, says, hint=f"write ${meant}" if meant else "")
