"""A bar of how much of something is done."""

from __future__ import annotations


def meter(done: int, total: int, width: int = 20) -> str:
    """The bar, with the numbers behind it; full where there is nothing to do."""
    filled = width * min(done, total) // total if total else width
    return f"[{'#' * filled}{'.' * (width - filled)}] {done}/{total}"
