"""`python -m nimnet_generator` is `nimnet-gen`."""

from nimnet_generator.cli import main

if __name__ == "__main__":  # pragma: no branch - importing it does nothing
    raise SystemExit(main())
