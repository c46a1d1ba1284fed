"""Names of the configuration that nothing has: each module tells of those that it is to define."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nimnet_effects import naming

if TYPE_CHECKING:
    from nimnet_effects.session.ahead import Ahead
    from nimnet_effects.session.packages import Packages
    from nimnet_effects.session.project import Project
    from nimnet_effects.store import Store


class Names:
    """Looks for the names of the configuration in modules."""

    def __init__(self, project: Project, packages: Packages, ahead: Ahead, store: Store) -> None:
        """Have looked for none yet."""
        self._project = project
        self._packages = packages
        self._ahead = ahead
        self._store = store
        # Which module tells what is wrong with names that another is to define.
        self._tellers: dict[str, str] = {}

    def must_be_looked_for(self, module: str) -> bool:
        """Whether a module has not been looked at since the configuration has names that it may
        have to define.
        """
        digest = self._packages.inputs.configuration.names_digest(module)
        return bool(digest) and self._store.looked_at(module) != digest

    def unknown(self, module: str) -> list[str]:
        """What is wrong with the names of the configuration that a module is to define."""
        configuration = self._packages.inputs.configuration
        digest = configuration.names_digest(module)
        if not digest:
            return []
        found = list(naming.complaints(configuration.named, module, self._project.modules))
        self._store.note_names(module, "" if found else digest)
        return found

    def told(self, module: str) -> list[str]:
        """What a module has to say of such names where no cache is written.

        Of its own, and of those of modules that cannot say it themselves: one module does for all.
        """
        if self._store.is_kept:
            return []
        found: list[str] = []
        named = self._packages.inputs.configuration.named
        for owner in naming.owners(named, self._project.modules):
            ours = self._project.is_ours(self._project.path_of(owner))
            shown = ours and not self._ahead.is_skipped(owner)
            if module == (owner if shown else self._tellers.setdefault(owner, module)):
                found += self.unknown(owner)
        return found
