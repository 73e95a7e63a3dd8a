"""Settings of config.toml that Interlock's template writes into nginx.conf: single values, log formats and options.

Each validator takes a value of the right type. Measured with nginx 1.22; the parsers are ngx_parse.c (times, sizes)
and ngx_conf_file.c (words). Units of years and months exist for times in seconds alone, and none of these is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from lblint.finding import Breaks, Severity
from lblint.interlock.proxy_options.variables import VARIABLE
from lblint.interlock.value_problems import Problem, named, shown, unquoted
from lblint.lazy_re import pattern
from lblint.records import NamedTuple

Check = Callable[[Any], Iterator[Problem]]

TIME = pattern(
    r"(?=[0-9])(?:[0-9]{1,9}w)?(?:[0-9]{1,9}d)?(?:[0-9]{1,9}h)?(?:[0-9]{1,9}m)?(?:[0-9]{1,12}s)?(?:[0-9]{1,12}ms)?"
    r"(?:[0-9]{1,12})?"
)
SIZE = pattern(r"[0-9]{1,12}[kKmM]?")
OFFSET = pattern(r"[0-9]{1,9}[kKmMgG]?")
_ODD = pattern(r"[\x00-\x20\x7f;{$\\]|\A['\"#}]")
_SLIPS = {"sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minutes": "m", "kb": "k",
          "mb": "m", "gb": "g", "b": "", "kib": "k", "mib": "m", "gib": "g"}  # fmt: skip
PROTOCOLS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
MOST_SECONDS = 9223372036854775


def _refused(value: object, says: str, write: str = "", hint: str = "") -> Problem:
    text = shown(value) if isinstance(value, str) else str(value)
    return Problem("refused", 0, len(str(value)), f"{text} {says}", write,
                   hint="" if write else hint)  # fmt: skip


def check_word(value: str) -> Iterator[Problem]:
    """One word for nginx: a path, a list of ciphers."""
    if not value:
        yield _refused(value, "is empty", hint="write a value, or remove the key")
    elif odd := _ODD.search(value):
        yield Problem("word", odd.start(), odd.end(), f"nginx reads {named(odd[0])} in {shown(value)} as syntax",
                      hint=f"remove {named(odd[0])}")  # fmt: skip


FOLDERS = frozenset(("/", "/dev", "/etc", "/etc/nginx", "/run", "/tmp", "/var", "/var/log", "/var/log/nginx",
                     "/var/run", "/run/secrets", "/usr", "/usr/share/nginx", "/var/cache/nginx"))  # fmt: skip
"""Folders that the proxy's image has."""


def check_file(value: str) -> Iterator[Problem]:
    """A path of a file that nginx writes or reads."""
    problem = next(check_word(value), None)
    if problem is not None:
        yield problem
    elif value.endswith("/") or value in FOLDERS:
        yield _refused(value, "is a directory, not a file", hint="write the path of a file")


def check_path(value: str) -> Iterator[Problem]:
    """A path that the template writes as it is; "" leaves the directive out."""
    if value:
        yield from check_file(value)


def check_access_log(value: str) -> Iterator[Problem]:
    """`access_log`: the template puts the name of a format behind it."""
    if value == "off":
        yield _refused(value, "is not possible, because the template adds the name of a log format", "/dev/null")
    elif "$" not in value:
        yield from check_file(value)
    else:  # opened for each request
        yield from check_word(VARIABLE.sub("x", value))
        for match in VARIABLE.finditer(value):
            name = match["braced"] if match["braced"] is not None else match["plain"]
            if not name:
                yield Problem("word", match.start(), match.end(), _NO_NAME, hint=_NAME_IT)


def check_error_log(value: str) -> Iterator[Problem]:
    """`error_log`: the template puts a level behind it, which becomes the path where there is none."""
    if value:
        yield from check_file(value)
    else:
        yield Problem("empty", 0, 0, "without a path, nginx writes errors to a file with the name warn", "/dev/stdout",
                      Severity.WARNING, Breaks.NOTHING)  # fmt: skip


def check_user(value: str) -> Iterator[Problem]:
    """`user`: a name, or a name and a group."""
    words = value.split(" ")
    if not 1 <= len(words) <= 2 or any(not pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]*").fullmatch(word) for word in words):
        yield _refused(value, "is not a user, or a user and a group", "nginx")


def check_time(value: str) -> Iterator[Problem]:
    """A time, in seconds without a unit."""
    if not TIME.fullmatch(unquoted(value)):
        yield _refused(value, "is not a valid time", corrected_unit(value, TIME), TIMES)


def check_keepalive(value: str) -> Iterator[Problem]:
    """`keepalive_timeout`: a time, and another for the header if wanted."""
    words = value.split()
    if not 1 <= len(words) <= 2:
        yield _refused(value, "is not one or two times", hint="write one time with its unit, without spaces")
    for word in words[:2]:
        yield from check_time(word)


def check_size(value: str) -> Iterator[Problem]:
    """The size of a buffer: bytes, or k or m."""
    if not SIZE.fullmatch(unquoted(value)):
        yield _refused(value, "is not a valid buffer size", corrected_unit(value, SIZE), SIZES)


def check_body_size(value: str) -> Iterator[Problem]:
    """The size of a body: bytes, or k, m or g; 0 for no limit."""
    if not OFFSET.fullmatch(unquoted(value)):
        yield _refused(value, "is not a valid size", corrected_unit(value, OFFSET),
                       "write a number with the unit k, m or g, or 0 for no limit")  # fmt: skip


def check_buffers(value: str) -> Iterator[Problem]:
    """`large_client_header_buffers`: how many, and how large, of 512 bytes at least (connection_pool_size)."""
    words = value.split()
    if len(words) != 2:
        size_alone = len(words) == 1 and SIZE.fullmatch(value) and not value.isdecimal()
        help = f"write 4 {value}" if size_alone else _BUFFERS
        yield _refused(value, "is not a number of buffers and their size", hint=help)
        return
    number, size = words
    if not pattern(r"0*[1-9][0-9]{0,8}").fullmatch(number):
        yield _refused(value, "does not begin with a number of buffers", hint=_BUFFERS)
    elif not SIZE.fullmatch(size):
        yield _refused(value, "does not end with a valid size", f"{number} {corrected_unit(size, SIZE) or '8k'}")
    elif int(size) < 512 if size.isdecimal() else not size[:-1].strip("0"):
        yield _refused(value, "has buffers of less than 512 bytes", "4 8k")


def check_http_version(value: str) -> Iterator[Problem]:
    """`proxy_http_version`; since Interlock 3.0 a wrong one no longer reaches nginx (FIELD-2046). nginx takes `2` from
    1.29.4 on."""
    if value not in ("1.0", "1.1", ""):
        write = "1.1" if pattern(r"[12]").search(value) else ""
        says = "is neither 1.0 nor 1.1, the versions that nginx supports towards services"
        if value == "2":
            says = "is accepted only by nginx 1.29.4 and later, and Interlock does not document it"
        yield Problem("http-version", 0, len(value), f"{shown(value)} {says}", write, Severity.WARNING,
                      hint="" if write else "write 1.1")  # fmt: skip


def check_protocols(value: str) -> Iterator[Problem]:
    """`ssl_protocols`: names, separated by spaces."""
    known = {name.lower(): name for name in PROTOCOLS}
    words = list(pattern(r"[^ ]+").finditer(value))
    if not words:
        yield _refused(value, "names no protocol", "TLSv1.2")
    for word in words:
        if word[0].lower() not in known:
            meant = [known.get(_tls(name), "") for name in pattern(r"[,;|+]").split(word[0])]
            several = "separate protocols with spaces" if len(meant) > 1 else ""
            yield Problem("protocol", word.start(), word.end(), f"{shown(word[0])} is not a protocol that nginx knows",
                          " ".join(meant) if all(meant) else "",
                          hint="" if all(meant) else several or f"write {', '.join(PROTOCOLS[2:])}")  # fmt: skip


def _tls(name: str) -> str:
    """A protocol under its name in nginx: `TLS1.2` and `TLS 1.2` are `tlsv1.2`."""
    plain = pattern(r"[^a-z0-9.]").sub("", name.lower())
    return pattern(r"\Atls(?=[0-9])").sub("tlsv", plain).removesuffix(".0")


def check_ciphers(value: str) -> Iterator[Problem]:
    """`ssl_ciphers`: a list in OpenSSL's form, as one word. Which names OpenSSL knows depends on its version."""
    if not value:
        yield _refused(value, "is not a list of ciphers", "HIGH:!aNULL:!MD5")
    elif not pattern(r"[A-Za-z0-9!+@:,=_.-]+").fullmatch(value):
        joined = pattern(r"[ ;]+").sub(":", value.strip(" ;'\""))
        write = joined if pattern(r"[A-Za-z0-9!+@:,=_.-]+").fullmatch(joined) else ""
        odd = pattern(r"[^A-Za-z0-9!+@:,=_.-]").search(value)
        start = odd.start() if odd else 0
        says = f"the list of ciphers contains {named(value[start])}"
        yield Problem("ciphers", start, start + 1, says, write,
                      hint="" if write else "separate the names with colons")  # fmt: skip
    else:
        yield from _ciphers_left(value)


_CIPHERS = """
    3DES ADH AECDH AES AES128 AES256 AESCCM AESCCM8 AESGCM ALL ARIA ARIA128 ARIA256 ARIAGCM CAMELLIA CAMELLIA128
    CAMELLIA256 CBC CBC3 CBC_SHA CCM CCM8 CHACHA20 COMPLEMENTOFALL COMPLEMENTOFDEFAULT DEFAULT DES DH DHE DSS ECCPWD
    ECDH ECDHE ECDHEPSK ECDSA EDH EECDH FIPS GCM GOST GOST94 GOST89MAC HIGH IDEA LOW MD5 MEDIUM NULL POLY1305 PSK RC2
    RC4 RSA RSAPSK
    DHEPSK SEED SHA SHA1 SHA256 SHA384 SRP SSLv3 STRENGTH SUITEB128 SUITEB128ONLY SUITEB128C2 SUITEB192 TLSv1
    TLSv1.0 TLSv1.2 aDSS aECDSA aGOST aNULL aPSK aRSA eNULL kDHE kDHEPSK kECDHE kECDHEPSK kEDH kEECDH kGOST kPSK kRSA
    kRSAPSK kSRP aDSS kECDH aECDH kDH EXP EXPORT CAMELLIA PROFILE=SYSTEM
"""
_CIPHER_WORDS = frozenset(_CIPHERS.split())


def _ciphers_left(value: str) -> Iterator[Problem]:
    """OpenSSL skips names that it does not know; a list of which nothing is left for TLS 1.2 it refuses. The suites of
    TLS 1.3 (`TLS_…`) are none of this list."""
    added = [m for m in pattern(r"[^:, ]+").finditer(value) if m[0][0] not in "!-+@"]
    odd = [m for m in added if not all(word in _CIPHER_WORDS for word in pattern(r"[-+]").split(m[0]))]
    if len(odd) == len(added):
        why = ", as it names only suites of TLS 1.3" if any(m[0].startswith("TLS_") for m in odd) else \
            ", as OpenSSL knows none of the names" if odd else ", as it only removes ciphers"  # fmt: skip
        yield Problem("ciphers", 0, len(value), f"{shown(value)} leaves no cipher for TLS 1.2{why}",
                      hint="add ciphers of TLS 1.2, or write HIGH:!aNULL:!MD5")  # fmt: skip
    elif odd:
        names = ", ".join(m[0] for m in odd[:5])
        says = f"OpenSSL may not know {names}, and then ignores it"
        yield Problem("cipher-unknown", odd[0].start(), odd[0].end(), says,
                      severity=Severity.INFO, breaks=Breaks.NOTHING)  # fmt: skip


def check_workers(value: str | int) -> Iterator[Problem]:
    """`worker_processes`: a number or `auto`."""
    text = str(value)
    if text == "auto" or pattern(r"0*[1-9][0-9]{0,4}").fullmatch(text):
        return
    if pattern(r"0+").fullmatch(text):
        yield Problem("zero", 0, len(text), "with 0 worker processes nginx starts, but answers no request", "1",
                      Severity.WARNING)  # fmt: skip
    else:
        yield _refused(value, "is not a number of processes", "auto" if text.lower() == "auto" else "1")


def check_connections(value: int) -> Iterator[Problem]:
    """`worker_connections`: more than the sockets that the proxy listens on, of which there are two at least."""
    if value < 3:
        yield _refused(value, "connections are not enough, as each port that the proxy listens on takes one", "1024")


def check_seconds(value: int) -> Iterator[Problem]:
    """A time in seconds, as a number."""
    if not 0 <= value <= MOST_SECONDS:
        yield _refused(value, "is not a valid time", "600")
    elif value == 0:
        yield Problem(
            "zero", 0, 1, "with 0 seconds nginx gives up before a service can answer", "600", Severity.WARNING
        )


def check_bucket(value: int) -> Iterator[Problem]:
    """`server_names_hash_bucket_size`: rounded up to 64 bytes by nginx, which allows less than 64 KiB."""
    if not 1 <= value <= 65472:
        yield _refused(value, "is not a size of a hash bucket from 1 to 65472", "128")


def check_zone(value: int) -> Iterator[Problem]:
    """The size of an upstream's zone in kB: nginx wants eight pages."""
    if value < 32:
        yield _refused(value, "kB are too small for the zone of an upstream, which needs at least 32", "64")
    elif value >= 1 << 20:
        says = f"the unit is kB, so each host would take {value} kB of memory"
        yield Problem("size", 0, len(str(value)), says, "64", Severity.WARNING)


def check_positive(value: int) -> Iterator[Problem]:
    """A number that is not negative."""
    if value < 0:
        yield _refused(value, "is negative", hint="write 0 or more")


TIMES = "write numbers with the units h, m, s or ms"
SIZES = "write a number with the unit k or m"
_BUFFERS = "write a number and a size, such as 4 8k"
_NO_NAME = 'a "$" is not followed by the name of a variable'
_NAME_IT = "write the name of a variable after it"


def corrected_unit(value: str, form: re.Pattern[str]) -> str:
    """Return a number with the unit that nginx has for the one that was written (`32mb` is `32m`), else ""."""
    match = pattern(r"\s*([0-9]+)\s*([A-Za-z]*)\s*").fullmatch(value)
    if not match:
        return ""
    unit = match[2].lower()
    text = match[1] + _SLIPS.get(unit, unit)
    return text if form.fullmatch(text) else ""


_TOKEN = pattern(
    r"[ \t\r\n]+|(?P<comment>#[^\n]*)|(?P<quoted>'(?:[^'\\]++|\\[\s\S])*'|\"(?:[^\"\\]++|\\[\s\S])*\")"
    r"|(?P<end>;)|(?P<brace>[{}])|(?P<word>(?:\$\{|\\[\s\S]|[^\s;{}'\"\\#])(?:\$\{|\\[\s\S]|[^\s;{\\])*)"
)


class Token(NamedTuple):
    """A word, a quoted word, a `;`, a brace, or a comment, with its place in the text."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> tuple[list[Token], int | None]:
    """The tokens of a text, and the offset of a quote that is never closed or that something sticks to."""
    result: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return result, at
        at = match.end()
        if match.lastgroup:
            result.append(Token(match.lastgroup, match[0], match.start(), at))
            if match.lastgroup == "quoted" and text[at : at + 1] not in ("", " ", "\t", "\r", "\n", ";", "{", ")"):
                return result, at
    return result, None


def check_log_format(text: str) -> Iterator[Problem]:
    """A log format, which the template writes after `log_format <name>`, without adding anything.

    It needs its own quotes and semicolon. Without the semicolon nginx reads the next directive as a part of the format
    and gives no message; after an open quote it reads the rest of the config so.
    """
    all_tokens, broken = tokens(text)
    meant = [token for token in all_tokens if token.kind != "comment"]
    ends = [token for token in meant if token.kind == "end"]
    brace = next((token for token in meant if token.kind == "brace"), None)
    if broken is not None:
        stuck = bool(all_tokens) and all_tokens[-1].kind == "quoted" and all_tokens[-1].end == broken
        says = "a closing quote is followed by other characters" if stuck else "a quote is not closed"
        yield Problem("quote", broken, broken + 1, f"{says} in the log format",
                      hint="write a space after the quote" if stuck else "close the quote")  # fmt: skip
    elif brace is not None:
        says = f"{shown(brace.text)} is outside of quotes in the log format"
        yield Problem("brace", brace.start, brace.end, says, hint="put quotes around the format")
    elif not meant:
        says = "the log format is empty, so nginx reads the next directive as the format"
        yield Problem("empty", 0, len(text), says, "", Severity.WARNING, Breaks.NOTHING, "remove the key")
    elif meant[-1].kind != "end":
        last = meant[-1]
        yield Problem("semicolon", last.end - 1, last.end, "the log format has no semicolon at its end, so nginx reads "
                      "the next directive as a part of it", "", Severity.WARNING,
                      Breaks.NOTHING, f"end it with {last.text[-8:]};")  # fmt: skip
    elif all_tokens[-1].kind == "comment":
        return
    else:
        yield from _unquoted([token for token in meant if token.end <= ends[0].start])


def _unquoted(words: Sequence[Token]) -> Iterator[Problem]:
    """Words without quotes are joined without the spaces between them."""
    for before, word in pairwise(words):
        if before.kind == word.kind == "word" and not before.text.startswith("escape="):
            yield Problem("spaces", before.end, word.start, "the log format has no quotes, so nginx drops the spaces "
                          "between its words", severity=Severity.WARNING, breaks=Breaks.NOTHING,
                          hint="put single quotes around the format, before the semicolon")  # fmt: skip
            return


def check_option(line: str) -> Iterator[Problem]:
    """A line that is put into nginx.conf as it is: its quotes and braces must be closed."""
    all_tokens, broken = tokens(line)
    depth = 0
    for token in all_tokens:
        depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "brace" else 0
        if depth < 0:
            break
    if broken is not None or depth:
        what = "quote" if broken is not None else "brace"
        says = f"{shown(line)} has a {what} that is not closed or not opened"
        yield Problem("open", 0, len(line), says, hint=f"close or remove the {what}")


def directives(lines: Sequence[str]) -> Iterator[str]:
    """The names of the directives that these lines hold at their own level."""
    for line in lines:
        depth, first = 0, True
        for kind, text, *_ in tokens(line)[0]:
            if kind == "word" and first and not depth:
                yield text
            depth += {"{": 1, "}": -1}.get(text, 0) if kind == "brace" else 0
            if kind != "comment":
                first = kind in ("end", "brace")


def plain(token: Token) -> str:
    """A word as nginx reads it: without its quotes, and with what escapes stand for (ngx_conf_read_token)."""
    text = token.text[1:-1] if token.kind == "quoted" else token.text
    means = {"t": "\t", "r": "\r", "n": "\n"}
    return pattern(r"\\([\"' ;{}\\trn])").sub(lambda match: means.get(match[1], match[1]), text)
