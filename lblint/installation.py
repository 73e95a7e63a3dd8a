"""What belongs to an installation of lblint: the files that are not modules (schemas, the rules' fixtures, the topics'
pages), and the packages that it needs."""

from __future__ import annotations

import os
import sys
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


_PROJECTS = {"ruamel": "ruamel.yaml", "rpds": "rpds-py", "attr": "attrs", "jsonschema_specifications":
             "jsonschema-specifications"}  # fmt: skip
"""Names that pip knows a module's package by, where it is not the module's own."""


def missing_package(error: BaseException | None) -> str:
    """Return a sentence about the package that an import failed for, with the command that installs it; "" where the
    import of none failed."""
    while isinstance(error, ImportError) and error.name and error.name.partition(".")[0] == "lblint":
        error = error.__cause__ or error.__context__
    if not isinstance(error, ImportError) or not error.name:
        return ""
    module = error.name.partition(".")[0]
    if module.lstrip("_") in sys.stdlib_module_names or module in sys.stdlib_module_names:
        return f"this Python was built without the module {module} ({error}): use another Python ({sys.executable})"
    name = _PROJECTS.get(module, module)
    absent = isinstance(error, ModuleNotFoundError) and error.name in (module, "ruamel.yaml")
    what = "is not installed" if absent else f"is damaged ({error})"
    options = "" if absent else "--force-reinstall "
    return f"the package {name}, which lblint needs, {what}: run {_python()} -m pip install {options}{name}"


def _python() -> str:
    """Return the interpreter as a shell takes it."""
    import shlex

    return shlex.quote(sys.executable or "python3")
