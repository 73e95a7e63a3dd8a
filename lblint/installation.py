"""Where the files are that belong to lblint and are no modules: schemas, the rules' fixtures, the topics' pages."""

from __future__ import annotations

import os
from functools import cache

from lblint import UncheckedError


@cache
def package() -> str:
    """Return the folder of the package. Raises `UncheckedError` where it is no folder but part of a zip file."""
    folder = os.path.dirname(os.path.abspath(__file__))
    if not os.path.isdir(folder):
        archive = os.path.dirname(folder)
        raise UncheckedError(f"lblint cannot run from within {archive}: unpack it, or install it with pip")
    return folder


@cache
def shipped(name: str) -> str:
    """Return the path of a folder (`schemas`, `fixtures/rules`, `docs/topics`): within the package when it is
    installed, beside it in a checkout. Raises `UncheckedError` where there is none."""
    parts = name.split("/")
    for around in (package(), os.path.dirname(package())):
        folder = os.path.join(around, *parts)
        if os.path.isdir(folder):
            return folder
    raise UncheckedError(f"lblint is not installed whole: there is no {name} in {package()}")
