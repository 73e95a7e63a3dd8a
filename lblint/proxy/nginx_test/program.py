"""The trial config before the user's own nginx: `nginx -t`, and its words brought back to the label that they are of.

Testing a config runs it as far as opening what it names, so this is no way to find out whether text is safe (that is
how CVE-2025-1974 came to ingress-nginx). The order is: the trial has judged every value; `confined` keeps only lines
that are one known directive each, with no path but those of the folder; then nginx runs, in an empty folder of its own
that nobody else can read, without environment, as `nobody` where lblint is root, for a limited time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lblint.finding import Fault, Place
from lblint.lazy_re import pattern
from lblint.proxy import Trial
from lblint.proxy.crossplane_reader import origin
from lblint.proxy.directive import Line
from lblint.proxy.faults import Refused, Undecided, UndecidedLocation
from lblint.proxy.nginx_lexer import read
from lblint.proxy.nginx_test.confinement import PEM, SOCKETS, Build, confined
from lblint.proxy.nginx_test.process import SECONDS, Ended, nobody, run, unprivileged
from lblint.records import NamedTuple

_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/nginx/sbin:/usr/local/openresty/nginx/sbin"
"""Where nginx is, besides PATH: Debian keeps it out of a user's."""
_TOLD = pattern(
    r"^(?:[\w.-]{1,40}:|[\d/]{10} [\d:]{8}) \[(?P<level>emerg|crit|alert)\] (?:\d+#\d+: )?"
    r"(?P<message>.*?)(?: in (?P<file>\S+):(?P<line>\d+))?$",
    re.MULTILINE,
)
"""A complaint as nginx writes it before it has read its config (`nginx: [emerg] …`), and after (with time and pid)."""
_SYSTEM = pattern(r"\((\d+): [A-Z]")
"""An error of the operating system: it says something of this machine, nothing of the config."""
_OPTIONAL = ("fastcgi", "uwsgi", "scgi")


class NginxVerdict(NamedTuple):
    """What nginx said of one trial.

    `message` is its complaint without file and line, "" if it took the config; `place` is the label at fault, or the
    service that comes first where nginx does not say; `unchecked` is a sentence if nothing is known.
    """

    program: str
    message: str = ""
    place: Place | None = None
    exact: bool = False
    unchecked: str = ""


def ask(trial: Trial, program: str = "nginx", seconds: float = SECONDS) -> NginxVerdict:
    """What `program -t` says of the trial; it is not asked where the trial has faults that stop nginx anyway.

    Never raises: a program that is missing, hangs, crashes or says nothing of use makes a verdict that is `unchecked`.
    """
    path = find(program)
    if path is None:
        return NginxVerdict(program, unchecked=f"there is no program {program!r} to try the config with")
    if any(map(stops, trial.faults)) or not trial.lines:
        return NginxVerdict(program, unchecked="the config has faults already, and is not put before nginx")
    try:
        with _folder() as folder:
            return _ask(trial, program, path, folder, seconds)
    except OSError as error:
        return NginxVerdict(program, unchecked=f"no folder to try the config in: {error.strerror or error}")


def stops(fault: Fault) -> bool:
    """Whether nginx does not start with what is at fault, or that is not known."""
    return isinstance(fault, Refused | Undecided) and not isinstance(fault, UndecidedLocation)


def find(program: str) -> str | None:
    """The path of a program: as it is, on PATH, or where nginx is usually installed."""
    import shutil

    if "\0" in program:
        return None
    return os.path.abspath(path) if (path := shutil.which(program) or shutil.which(program, path=_FOLDERS)) else None


def is_program(word: str) -> bool:
    """Whether a word on the command line is a program, not a stack file: a file here wins over a program on PATH."""
    if word.startswith("-") or word.endswith((".yml", ".yaml")):
        return False
    return find(word) is not None and (os.path.dirname(word) != "" or not os.path.exists(word))


def build(output: str) -> Build | str:
    """What `nginx -V` tells of a build, or a sentence why it cannot try a config of Interlock's proxy."""
    version = re.search(r"^[\w -]+ version: [\w-]+/(\d+)\.(\d+)\.(\d+)", output, re.M)
    arguments = re.search(r"^configure arguments:(.*)$", output, re.M)
    if version is None or arguments is None:
        return "does not answer -V as nginx does"
    numbers = tuple(map(int, version.groups()))
    options = {name: value for name, _, value in (word.partition("=") for word in _arguments(arguments[1]))}
    if "--with-stream" not in options:
        return f"{'.'.join(map(str, numbers))} has no stream module, which the proxy needs"
    module = ""
    if options["--with-stream"] == "dynamic":
        folder = options.get("--modules-path") or os.path.join(options.get("--prefix", "/usr/local/nginx"), "modules")
        module = os.path.join(folder, "ngx_stream_module.so")
        if not os.path.isfile(module):
            return f"lacks its stream module, which the proxy needs: {module} is not there"
    optional = tuple(kind for kind in _OPTIONAL if f"--without-http_{kind}_module" not in options)
    return Build(numbers, module, ("client_body", "proxy", *optional), "--with-http_stub_status_module" in options)


def _arguments(text: str) -> list[str]:
    return re.findall(r"(?:[^\s']|'[^']*')+", text)


@contextmanager
def _folder() -> Iterator[str]:
    """An empty folder that only the one who runs nginx can enter; gone afterwards."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="lblint-nginx-", ignore_cleanup_errors=True) as folder:
        yield folder


def _ask(trial: Trial, program: str, path: str, folder: str, seconds: float) -> NginxVerdict:
    ended = run([path, "-V"], folder, seconds)
    made = ended.reason or build(ended.said)
    if isinstance(made, str):
        return NginxVerdict(program, unchecked=f"{program} {made}")
    tried = confined(trial.lines, made)
    if tried.reason:
        return NginxVerdict(program, unchecked=tried.reason)
    _fill(folder, tried.lines)
    command = [path, "-t", "-q", "-p", folder + "/", "-c", os.path.join(folder, "nginx.conf")]
    if made.version >= (1, 19, 5):
        command += ["-e", "stderr"]
    return _verdict(trial, program, run(command, folder, seconds), folder, tried.lines)


def _fill(folder: str, lines: Sequence[Line]) -> None:
    """The config and what it opens; all of it belongs to the one who runs nginx."""
    from lblint.proxy.nginx_test.confinement import pem

    for name in ("tmp", "html", SOCKETS):
        os.mkdir(os.path.join(folder, name), 0o700)
    text = "".join(line.text + "\n" for line in lines)
    for name, content in (("nginx.conf", text), (PEM, pem())):
        with open(os.path.join(folder, name), "xb") as file:
            file.write(content.encode(errors="replace"))
    owner = nobody() if unprivileged() else None
    if owner:
        for name in ("nginx.conf", PEM, "tmp", "html", SOCKETS, ""):
            os.chown(os.path.join(folder, name), *owner, follow_symlinks=False)


def _verdict(trial: Trial, program: str, ended: Ended, folder: str, lines: Sequence[Line]) -> NginxVerdict:
    if ended.reason:
        return NginxVerdict(program, unchecked=f"{program} {ended.reason}")
    if ended.code == 0:
        return NginxVerdict(program)
    if ended.code < 0:
        return NginxVerdict(program, unchecked=f"{program} was ended by signal {-ended.code}")
    complaints = list(_TOLD.finditer(ended.said[: 1 << 16]))
    complaint = next(
        (complaint for complaint in complaints if complaint["level"] == "emerg"), next(iter(complaints), None)
    )
    if complaint is None:
        return NginxVerdict(program, unchecked=f"{program} ended with exit code {ended.code} and without a reason")
    message = complaint["message"].replace(folder + "/", "")[:400]
    if _SYSTEM.search(message):
        return NginxVerdict(program, unchecked=f"{program} could not try the config: {message}")
    if complaint["line"] and complaint["file"] == os.path.join(folder, "nginx.conf"):
        place = origin(lines, int(complaint["line"])) or _named(message, lines)
        if place is None:
            return NginxVerdict(program, unchecked=f"{program} does not take the part that no label touches: {message}")
        return NginxVerdict(program, message, place, exact=True)
    named = _named(message, lines)
    first = next((route.place for route in trial.ingress.routes), None)
    return NginxVerdict(program, message, named or first, exact=named is not None)


def _named(message: str, lines: Sequence[Line]) -> Place | None:
    """The first label that brought a word which the message quotes (`no memory in upstream zone "up-x_backend"`)."""
    quoted = set(re.findall(r'"([^"]+)"', message)) if not message.startswith("unknown directive") else set()
    for line in lines if quoted else ():
        if line.origin and any(not quoted.isdisjoint(words[1:-1]) for words in read(line.text) or ()):
            return line.origin
    return None
