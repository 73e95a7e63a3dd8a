"""`lblint lsp`."""

from __future__ import annotations

import os

from lblint import UncheckedError


def lsp() -> None:
    """Serve an editor over stdin and stdout: findings while one types, and the pages of labels and rules.

    It speaks the Language Server Protocol. Findings are those of lblint check FILE; comments that silence one are
    offered beside it. Nothing is written but by the editor. Needs pygls: pip install 'lblint[lsp]'.
    """
    try:
        from lblint.cli.lsp.server import server
    except ImportError as error:
        raise UncheckedError(f"lblint lsp needs pygls ({error}): pip install 'lblint[lsp]'") from None
    # The server closes what it is given, and lblint's own end writes out what is left of these.
    server().start_io(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
