"""`python -m nimnet_gen` is `nimnet-gen`."""

from nimnet_gen.cli import main

if __name__ == "__main__":  # pragma: no branch - importing it does nothing
    raise SystemExit(main())
