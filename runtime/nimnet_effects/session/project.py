"""mypy's modules, and which of them are looked into."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from mypy.util import is_typeshed_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy.nodes import MypyFile
    from mypy.options import Options

_Kept = TypeVar("_Kept")

_HOME: Final = Path(__file__).parents[1]
_OWN: Final = frozenset(
    file.parent.relative_to(_HOME.parent).parts for file in _HOME.rglob("__init__.py")
)
"""This package and those in it, as the last parts of their paths."""
_FOREIGN: Final = {"site-packages", "dist-packages"}
_COMMAND: Final = "<string>"
"""What mypy calls the text of its option `-c`."""


class Project:
    """The modules that mypy has loaded.

    Args:
        options: mypy's.

    Attributes:
        options: mypy's.
        modules: by full name; they grow while mypy runs.
        is_daemon: whether this process stays, and checks what is edited.
    """

    def __init__(self, options: Options) -> None:
        """Know no module yet."""
        self.options = options
        self.modules: dict[str, MypyFile] = {}
        self.is_daemon = options.fine_grained_incremental
        self._kept: dict[Callable[[], object], object] = {}
        # These are asked of each path again and again.
        self._ours: dict[str, bool] = {}
        self._typeshed: dict[str, bool] = {}

    def kept(self, make: Callable[[], _Kept]) -> _Kept:
        """What is kept from one module to the next, for as long as trees stay what they are."""
        if self.is_daemon:
            return make()
        if make not in self._kept:
            self._kept[make] = make()
        return cast("_Kept", self._kept[make])

    def is_ours(self, path: str) -> bool:
        """Whether a module's functions are looked into: not those of installed packages."""
        found = self._ours.get(path)
        if found is None:
            found = self._ours[path] = is_looked_into(path, self.options)
        return found

    def is_source(self, path: str) -> bool:
        """Whether mypy has read Python that is not of its own collection of stubs."""
        return path.endswith((".py", ".pyi")) and not self._is_typeshed(path)

    def is_of_typeshed(self, tree: MypyFile) -> bool:
        """Whether a module is one of mypy's own collection of stubs."""
        return tree.is_stub and self._is_typeshed(tree.path)

    def _is_typeshed(self, path: str) -> bool:
        found = self._typeshed.get(path)
        if found is None:
            found = is_typeshed_file(self.options.abs_custom_typeshed_dir, path)
            self._typeshed[path] = found
        return found

    def is_open(self, module: str) -> bool:
        """Whether mypy has parsed a module of the project in this run, and not freed it."""
        tree = self.modules.get(module)
        return tree is not None and bool(tree.defs) and self.is_ours(tree.path)

    def path_of(self, module: str) -> str:
        """The path of a module that mypy has loaded."""
        return self.modules[module].path

    def split(self, fullname: str) -> tuple[str, str]:
        """The module in which a full name is defined, and the name within it."""
        module = fullname
        while module and module not in self.modules:
            module = module.rpartition(".")[0]
        return module, fullname[len(module) + 1 :] if module else fullname

    def modules_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """The modules in which full names are defined."""
        return tuple(sorted({self.split(name)[0] for name in names}))


def is_looked_into(path: str, options: Options) -> bool:
    """Whether a module is of the project, and not of an installed package or of Python.

    Nor of this package, wherever it is: it has what functions are declared with.
    """
    parts = tuple(path.split(os.sep))  # noqa: PTH206  # a `Path` takes ten times as long
    return (
        _FOREIGN.isdisjoint(parts)
        # A script may have any name; what has no file is a package without a module of its own, or
        # what the command line says.
        and (path.endswith((".py", ".pyi")) or path == _COMMAND or Path(path).is_file())
        and not is_typeshed_file(options.abs_custom_typeshed_dir, path)
        and _OWN.isdisjoint((parts[-2:-1], parts[-3:-1]))
    )
