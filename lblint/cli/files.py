"""Arguments -> sources: files, folders that are searched, and `-` for stdin."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from lblint.lazy_re import pattern
from lblint.source import MAX_BYTES, Source, later

STDIN = "-"
_NAMED_LIKE_A_STACK = pattern(r"(?:.*[._-])?(?:docker-)?(?:stack|compose|swarm)(?:[._-].*)?", re.IGNORECASE)
_SERVICES = re.compile(rb"^(?:services|\"services\"|'services')[ \t]*:[ \t]*(?:#.*|\{.*|&.*)?\r?$", re.MULTILINE)
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_EXTENSIONS = (".yml", ".yaml")
SETTINGS = (".lblint.yml", ".lblint.yaml")
"""The names of lblint's own settings; a folder has one of them."""
_SKIPPED = {"node_modules", "vendor", "venv", "__pycache__"}

_INTERLOCK = re.compile(rb"^[ \t]*\[{1,2}Extensions?\b", re.MULTILINE)
"""A header of Interlock's config."""


class UnreadableError(Exception):
    """A file could not be read, or a folder not be listed; the text is its `name` and the `reason`."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class Found:
    """What arguments stand for: `files` in order, each once, and those `of_folder`, by the folder that was named.

    `unlisted` holds folders that could not be listed and files that a search may not read, with the reason; `skipped`
    files that are none of the stacks although they are named or look like stack files, with the reason.
    """

    def __init__(self) -> None:
        self.files: list[str] = []
        self.of_folder: dict[str, list[str]] = {}
        self.unlisted: dict[str, str] = {}
        self.skipped: dict[str, str] = {}


def load(name: str, dialect: str = "v3") -> Source:
    """The source of one argument. Raises `UnreadableError` with the operating system's words."""
    return later(content(name), name, dialect)


def load_either(name: str, dialect: str = "v3") -> Source:
    """The source of an argument that may be a stack file or Interlock's config, as its text shows: only the latter has
    a line `[Extensions…]`. Raises `UnreadableError`."""
    text = content(name)
    if _INTERLOCK.search(text) is None:
        return later(text, name, dialect)
    from lblint.source.toml import read_toml

    return read_toml(text, name)


def content(name: str) -> bytes:
    """The bytes of a regular file (a pipe or device would block or never end), or of stdin for `-`."""
    try:
        if name == STDIN:
            if sys.stdin is None:
                raise UnreadableError(STDIN, "stdin is closed")
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with open(name, "rb", opener=lambda path, _: os.open(path, _FLAGS)) as file:
            status = os.fstat(file.fileno())
            mode, size = status.st_mode, min(status.st_size, MAX_BYTES)
            if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
                raise UnreadableError(name, "is not a regular file")
            if hasattr(os, "O_NONBLOCK"):  # else it blocks as it is, and Windows refuses this for a file
                os.set_blocking(file.fileno(), True)
            read = file.read(size + 1)  # room for all that may be read takes longer to make than a file to read
            return read if len(read) <= size else read + file.read(MAX_BYTES - size)
    except IsADirectoryError:
        raise UnreadableError(name, "is a folder; files that are merged are named one by one") from None
    except OSError as error:
        raise UnreadableError(name, error.strerror or str(error)) from None
    except ValueError as error:  # a NUL in the name
        raise UnreadableError(repr(name), str(error)) from None


def expand(names: Sequence[str], as_searched: bool = False, within: str = "") -> Found:
    """Return what arguments stand for: folders are replaced by the stack files below them, sorted, and by the folders
    that cannot be listed; a file named twice counts once.

    With `as_searched`, the names are another program's: a file is left out that a search would leave out, and one that
    leads out of the repository through a link is not read. The same holds for what a search finds. `within` is a real
    path (`border`) out of which none of the names may lead; "" where the user named them.
    """
    result = Found()
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    own = border(".") if as_searched else ""
    for name in names:
        searched = [name]
        if as_searched and name != STDIN and (why := _left_out(name)):
            result.skipped[name] = why
            continue
        top = within
        if name != STDIN and os.path.isdir(name):
            searched = _search(name, result)
            result.of_folder[name] = searched
            top = border(name)
        elif as_searched and name != STDIN and "\0" not in name:
            path = os.path.abspath(name)
            top = own if _is_below(path, own) else border(os.path.dirname(path))
        for file in searched:
            real = _real(file, folders) if file != STDIN and "\0" not in file else file
            if top and file != STDIN and "\0" not in file and (why := _unread(file, real, top)):
                result.unlisted.setdefault(file, why)
                real = os.path.abspath(file)  # who names what it leads to reads that
            files.setdefault(real, file)
    result.files = list(files.values())
    return result


def border(folder: str) -> str:
    """Return the real path out of which no file may lead that a search of a folder finds: the top of the repository
    that it lies in, or the folder itself."""
    return top_of(os.path.realpath(folder))


def leads_out(path: str, top: str) -> bool:
    """Return whether a file lies outside of a real path (`border`), once all links on its way are followed."""
    return not _is_below(os.path.realpath(path), top)


def _is_below(path: str, top: str) -> bool:
    return path == top or path.startswith(os.path.join(top, ""))


def _unread(file: str, real: str, top: str) -> str:
    """Return why a file is not read that nobody named on the command line; "" where it is. What is wrong in it would be
    printed, and so a change to a repository could show whatever the one who checks it can read."""
    if not _is_below(real, top):
        return f"{OUTSIDE}, so it is not read; name it on the command line to check it"
    try:
        mode = os.stat(file).st_mode
    except OSError:  # whoever reads it says why
        return ""
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "is not a regular file"


OUTSIDE = "leads out of the repository through a link"
"""What is said of a file that is not what its path says."""


def _real(file: str, folders: dict[str, str]) -> str:
    """`os.path.realpath`, asked once for all files of a folder; `folders` keeps what it said."""
    folder, name = os.path.split(file)
    if name in ("", ".", "..") or os.path.islink(file):
        return os.path.realpath(file)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], name)


def _search(folder: str, result: Found) -> list[str]:
    """Return the stack files below a folder, and the folders that cannot be listed, sorted."""
    unlisted: dict[str, str] = {}
    stacks = stacks_among(sorted(walk(folder, unlisted=unlisted)), result)
    result.unlisted.update(unlisted)
    return sorted([*stacks, *unlisted])


def stacks_among(paths: Iterable[str], result: Found) -> list[str]:
    """Return the stack files among files; those that look like some and are another tool's are put into `found`."""
    stacks = []
    for path in paths:
        tool = tool_of(path)
        if tool == "":
            stacks.append(path)
        elif tool:
            result.skipped[path] = tool
    return stacks


def _left_out(name: str) -> str:
    """Return why a search would leave a file out that was named; "" where it would not."""
    folder = os.path.dirname(os.path.abspath(name))
    top = top_of(folder)
    here = os.path.join(os.getcwd(), "")
    if os.path.abspath(name).startswith(here) and not os.path.lexists(os.path.join(top, ".git")):
        top = here
    *folders, file = os.path.relpath(os.path.abspath(name), top).split(os.sep)
    hidden = [part for part in folders if part in _SKIPPED or (part.startswith(".") and part not in (".", ".."))]
    if hidden:
        return f"in {hidden[0]}, which is not searched"
    if file in SETTINGS or not file.lower().endswith(_EXTENSIONS):
        return ""
    return "a hidden file" if file.startswith(".") else tool_of(name) or ""


def top_of(folder: str) -> str:
    """The top of the repository that a folder lies in; the folder itself where it lies in none."""
    here = folder
    while not os.path.lexists(os.path.join(here, ".git")):
        up = os.path.dirname(here)
        if up == here:
            return folder
        here = up
    return here


def walk(
    folder: str, leaves: Callable[[str], bool] = lambda _: False, unlisted: dict[str, str] | None = None
) -> Iterator[str]:
    """Yield the files below a folder, but for hidden ones, folders of others' code, and folders that `leaves` says to
    leave out. Folders that cannot be listed are put into `unlisted`, with the reason; without it, raises
    `UnreadableError`."""

    def fail(error: OSError) -> None:
        if unlisted is None:
            raise UnreadableError(error.filename, error.strerror or str(error))
        unlisted[error.filename] = error.strerror or str(error)

    for root, folders, files in os.walk(folder, onerror=fail):
        known = (name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        folders[:] = (name for name in known if not leaves(os.path.join(root, name)))
        yield from (os.path.join(root, file) for file in files if not file.startswith("."))


def is_stack(path: str) -> bool:
    """Whether a file is YAML that is named like a stack file, or that has services with an image, and is not certainly
    another tool's."""
    return tool_of(path) == ""


def tool_of(path: str) -> str | None:
    """Return "" for a stack file, and for a YAML file that cannot be read and may be one: who checks it says why. For
    one that only looks like a stack file, return whose it is (`lblint.cli.other_tools`); None for all others."""
    if not path.lower().endswith(_EXTENSIONS):
        return None
    try:
        if not os.path.isfile(path):  # a pipe would wait
            return ""
        text = content(path)
    except UnreadableError:
        return ""
    if not is_stack_name(path) and not reads_like_a_stack(path, text):
        return None
    from lblint.cli.other_tools import other_tool

    return other_tool(text)


def settings_above(folder: str, known: dict[str, str]) -> str:
    """The absolute path of the settings that hold in a folder: they lie in it or above, up to the top of a repository;
    "" for none. `known` keeps what was found, by folder."""
    way: list[str] = []
    nearest = ""
    here = os.path.abspath(folder)
    while here not in known:
        way.append(here)
        nearest = next((path for name in SETTINGS if os.path.lexists(path := os.path.join(here, name))), "")
        up = os.path.dirname(here)
        if nearest or up == here or os.path.lexists(os.path.join(here, ".git")):
            break
        here = up
    else:
        nearest = known[here]
    known.update(dict.fromkeys(way, nearest))
    return nearest


def is_stack_name(path: str) -> bool:
    """Whether a file is named as stack files are: `stack.yml`, `shop-stack.yaml`, `docker-compose.prod.yml`.

    The pattern of the pre-commit hook (.pre-commit-hooks.yaml) says the same.
    """
    stem, extension = os.path.splitext(os.path.basename(path))
    return extension.lower() in _EXTENSIONS and _NAMED_LIKE_A_STACK.fullmatch(stem) is not None


def reads_like_a_stack(path: str, text: bytes) -> bool:
    """Whether a file is YAML with services and an image, whatever it is called."""
    if not path.lower().endswith(_EXTENSIONS):
        return False
    return _SERVICES.search(text) is not None and (b"image:" in text or b"com.docker.lb." in text)
