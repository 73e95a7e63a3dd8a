"""`python -m lblint`."""

from __future__ import annotations

import sys

from lblint.cli import script

if __name__ == "__main__":
    sys.exit(script())
