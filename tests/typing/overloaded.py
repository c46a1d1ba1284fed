"""Prints the names of the overloaded callables of nimnet, as an allowlist of stubtest.

At run time each shows the form that people use most (`inspect.signature`), which is not the union
of all forms that stubtest expects. What the forms are, generated/conformance compares with the
specification. What is below a class to be compiled is not what its users are to see.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing

import nimnet


def main() -> None:
    """Prints one regular expression a line: a name, at its home or in the package itself."""
    names = set()
    for module in pkgutil.iter_modules(nimnet.__path__):
        home = importlib.import_module(f"nimnet.{module.name}")
        spaces = [home, *(each for _, each in inspect.getmembers(home, inspect.isclass))]
        for space in spaces:
            for _, function in inspect.getmembers(space, inspect.isfunction):
                if function.__module__ == home.__name__ and typing.get_overloads(function):
                    names.add(rf"nimnet(\.{module.name})?\.{function.__qualname__}")
            for base in inspect.getmro(space)[1:] if inspect.isclass(space) else ():
                if base.__module__ == "nimnet._quick" and space.__module__ == home.__name__:
                    names.add(rf"nimnet\.{module.name}\._{base.__name__}\.\w+")
    print("\n".join(sorted(names)))


if __name__ == "__main__":
    main()
