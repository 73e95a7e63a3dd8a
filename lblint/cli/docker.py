"""`docker lblint …`: how the docker client starts lblint as its plugin."""

from __future__ import annotations

import os
import sys

from lblint.cli import script
from lblint.cli.exit_codes import EXIT_UNCHECKED


def main() -> int:
    """Take docker's own options from the arguments, then go on as `lblint`."""
    from lblint.cli.output import say
    from lblint.deploy.plugin import PluginError, arguments

    try:
        sys.argv[1:] = arguments(sys.argv[1:], os.environ)
    except PluginError as error:
        say(str(error))
        return EXIT_UNCHECKED
    return script()


if __name__ == "__main__":
    sys.exit(main())
