"""Files that were read once, for docker to read: the same bytes under names that mean the same folder to it.

The client takes relative paths in a stack file from the folder of the first file, which it finds in the file's *name*:
it makes it absolute and cleans it word by word (docker/cli cli/command/stack/loader/loader.go GetConfigDetails, Go's
path/filepath Abs), and opens the name as it is. So a name may be cleaned to one path and lead to another:
`/tmp/x/way/../../../srv/shop/stack.yml` is `/srv/shop/stack.yml` once cleaned, but where `way` is a link, `..` is the
folder above the link's target. There stands a link to our copy, which lies in memory.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from lblint.records import NamedTuple


class Mirror(NamedTuple):
    """The names to give to docker, and the open files that it must inherit."""

    names: tuple[str, ...]
    descriptors: tuple[int, ...]


def folder(first: str) -> str:
    """The folder that docker takes relative paths from, by the name of the first file (`-`: where it is started).

    Go believes PWD as long as it leads to the working folder (os.Getwd), so links in it stay.
    """
    here = os.getcwd()
    working_folder = os.environ.get("PWD", "")
    if working_folder.startswith("/"):
        with suppress(OSError):
            here = working_folder if os.path.samefile(working_folder, here) else here
    path = os.path.normpath(os.path.join(here, first))
    return os.path.dirname("/" + path.lstrip("/"))


@contextmanager
def mirrored(files: Sequence[tuple[str, bytes]]) -> Iterator[Mirror]:
    """Names for docker to open, in place of the names of `files` (name, content). Raises `OSError`."""
    with ExitStack() as stack:
        import tempfile

        if os.sep != "/":
            raise OSError(errno.ENOTSUP, "a deploy is not possible on Windows: use --dry-run there")
        top = stack.enter_context(tempfile.TemporaryDirectory(prefix="lblint-"))
        descriptors: list[int] = []
        copies = []
        for number, (_, content) in enumerate(files):
            copies.append(_copy(content, os.path.join(top, f"{number}.yml"), descriptors, stack))
        first = _detour(top, folder(files[0][0]), copies[0])
        yield Mirror((first, *copies[1:]), tuple(descriptors))


def _copy(content: bytes, path: str, descriptors: list[int], stack: ExitStack) -> str:
    """A copy in memory where the system has such files and shows them in /proc, or else in a folder of ours."""
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
        descriptor = os.memfd_create("stack.yml")
        stack.callback(os.close, descriptor)
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        descriptors.append(descriptor)
        return f"/proc/self/fd/{descriptor}"
    with open(path, "xb") as file:
        file.write(content)
    return path


def _detour(top: str, meant: str, copy: str) -> str:
    """A name that cleans to a file in the folder `meant`, and leads to `copy`."""
    way = os.path.join(os.path.abspath(top), "way")
    depth = way.count("/")
    there = os.path.join(os.path.realpath(top), "there")
    target = os.path.join(there, *["down"] * depth)
    os.makedirs(target)
    os.symlink(target, way)
    mirror = there + meant
    os.makedirs(mirror, exist_ok=True)
    os.symlink(copy, os.path.join(mirror, "stack.yml"))
    return way + "/.." * depth + (meant if meant != "/" else "") + "/stack.yml"
