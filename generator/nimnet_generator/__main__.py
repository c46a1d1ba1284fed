"""`python -m nimnet_generator` is `nimnet-gen`."""

from nimnet_generator.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
