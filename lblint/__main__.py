"""`python -m lblint`."""

from __future__ import annotations

import sys

from lblint.cli import main

if __name__ == "__main__":
    sys.exit(main())
