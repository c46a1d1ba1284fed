"""What the analysis reads besides Python files, and whether that is still as it was read.

These are the configuration, the contract files that it names, those that packages ship, and the
files of this package. mypy watches none of them: from its cache, modules know by themselves which
contracts they rest on, and its daemon has to be told.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from nimnet_effects import config, contracts, store
from nimnet_effects.contracts import MalformedError

if TYPE_CHECKING:
    from nimnet_effects.contracts import Contract

_OWN: Final = Path(__file__).parent


class Inputs:
    """What was read at one time.

    Args:
        config_file: the file that mypy is configured by, if there is one.

    Raises:
        MalformedError: for a configuration, or a file of contracts, that cannot be meant.
    """

    def __init__(self, config_file: str | None) -> None:
        """Read the configuration, and the contract files that it names."""
        self._config_file = config_file
        self.configuration = config.load(config.find(config_file))
        # What applies to every module, the version of this package included.
        self.digest = store.files_digest(_OWN) + self.configuration.digest
        # What packages ship, by file: "" for those that ship nothing.
        self._shipped: dict[Path, str] = {}

    @property
    def version(self) -> str:
        """Changes with everything but what packages ship."""
        return f"{self.digest} {self.configuration.contracts_digest}"

    def shipped(self, init: str) -> dict[str, tuple[Contract, ...]]:
        """What the contract file of a package says, by full names; nothing if it has none.

        Args:
            init: the path of the package's `__init__.py`.

        Raises:
            MalformedError: for a file that cannot be meant.
        """
        file = Path(init).with_name(contracts.FILE_NAME)
        return contracts.read_shipped(file) if self.shipped_digest(init) else {}

    def shipped_digest(self, init: str) -> str:
        """A digest of the contract file of a package; "" if it has none."""
        file = Path(init).with_name(contracts.FILE_NAME)
        if file not in self._shipped:
            self._shipped[file] = store.file_digest(file)
        return self._shipped[file]

    def hold(self) -> bool:
        """Whether the same would be read now: of files that appeared or vanished as well."""
        try:
            now = config.load(config.find(self._config_file))
        except MalformedError:
            return False
        return now == self.configuration and self.shipped_hold()

    def shipped_hold(self) -> bool:
        """Whether the same would be read of the packages that have been asked for."""
        return all(store.file_digest(file) == was for file, was in self._shipped.items())
