"""The style sheets and the script of pictures, which lie beside this module."""

from __future__ import annotations

import os


def style(name: str) -> str:
    """The text of a file of this package."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8", newline="") as file:
        return file.read()
