"""An ingress drawn: hosts -> proxy -> network -> service, and in red what the findings break.

All names in a picture are a stranger's: a format escapes every character that could end a text in it.
"""

from __future__ import annotations

from lblint.interlock import Ingress
from lblint.lint import Result
from lblint.report.diagram.model import picture


def render_picture(name: str, ingress: Ingress, result: Result) -> str:
    """The picture in a format; imports no other one."""
    from importlib import import_module

    module = import_module(f"{__name__}.{name}")
    text: str = getattr(module, f"render_{name}")(picture(ingress, result))
    return text


__all__ = ["picture", "render_picture"]
