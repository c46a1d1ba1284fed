"""Starts the command: see `nimnet_effects.command`."""

import sys

from nimnet_effects.command import main

if __name__ == "__main__":
    sys.exit(main())
