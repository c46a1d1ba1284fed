"""From a folder of YAML to the model: which files there are, and what they say together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, TypeVar

from nimnet_gen.model.coherence import check_coherence
from nimnet_gen.model.declaration import Located
from nimnet_gen.model.decode import PLAIN, decode
from nimnet_gen.model.evidence import EvidenceFile
from nimnet_gen.model.facts import FactsFile
from nimnet_gen.model.joining import joined
from nimnet_gen.model.mappings import TypesFile
from nimnet_gen.model.oracle import OracleFile
from nimnet_gen.model.stage import NO_STAGE, Stage
from nimnet_gen.model.surface import Module, Package, Spec
from nimnet_gen.model.vocabulary import shapes_with
from nimnet_gen.project.folders import EVIDENCE_FOLDER, PACKAGE_FILE, DataFiles
from nimnet_gen.source.diagnostics import Diagnostics, TooManyFaultsError
from nimnet_gen.source.nodes import Allowance, read_source
from nimnet_gen.source.position import Position

T = TypeVar("T", bound=Located)

_NO_DATA: Final = DataFiles()


def load_spec(
    folder: Path, data: DataFiles = _NO_DATA, root: Path | None = None
) -> tuple[Spec | None, Diagnostics]:
    """Read a specification.

    Args:
        folder: the folder with `package.yaml` and the files that it lists.
        data: the files beside it that the project has.
        root: the folder that positions name files from; None stands for the one two above.

    Returns:
        The specification, or None if anything is wrong with it; and what is wrong.
    """
    found = Diagnostics()
    try:
        return _load(folder, data, root or folder.resolve().parent.parent, found), found
    except TooManyFaultsError:
        return None, found


def _load(folder: Path, data: DataFiles, root: Path, found: Diagnostics) -> Spec | None:
    files = _Files(folder, root, found)
    shown = files.shown(folder)
    beside = (data.stage, data.types, data.oracle, data.facts)
    present = _present(folder, shown, found, beside)
    if present is None:
        return None
    stage = NO_STAGE if data.stage is None else files.beside(data.stage, Stage)
    if stage is not None and stage is not NO_STAGE:
        check_coherence(stage, found)
    if stage is None or found:
        return None  # what scenarios can say is not known, and every word of theirs would be wrong
    files.shapes = shapes_with(stage)
    there = frozenset(present) - {PACKAGE_FILE}
    package = files.document(folder / PACKAGE_FILE, Package)
    listed = _listed(package, present, found) if package is not None else ()
    if package is not None:
        _report_unlisted(present, package, shown, found)
    else:
        # Without a readable package every file stands for itself, so that all faults show at once.
        listed = tuple(name.removesuffix(".yaml") for name in present if name.endswith(".yaml"))
        listed = tuple(stem for stem in listed if stem != "package")
    modules: list[Module] = []
    for stem in listed:
        module = files.document(folder / f"{stem}.yaml", Module)
        if module is not None:
            _check_name(module.name, stem, module.where("name"), "name", found)
            modules.append(module)
    evidence = _evidence(files, listed, there, found)
    types = files.beside(data.types, TypesFile)
    oracle = files.beside(data.oracle, OracleFile)
    facts = None if data.facts is None else files.document(data.facts, FactsFile)
    if package is None or types is None or oracle is None or len(found):
        return None
    whole = joined(modules, evidence, found)
    if len(found):
        return None
    return Spec(
        package=package,
        modules=whole,
        types=types,
        stage=stage,
        oracle=oracle,
        facts=facts,
        sources=found.sources,
    )


class _Files:
    """Reads the files of a specification, one after the other, within the limits for all."""

    def __init__(self, folder: Path, root: Path, found: Diagnostics) -> None:
        """Read the files of a folder, which positions name from a root."""
        self.folder = folder
        self.shapes = PLAIN
        self._root = root
        self._found = found
        self._allowance = Allowance.whole()

    def document(self, path: Path, cls: type[T]) -> T | None:
        """Return what a file says; None if there is a fault in it.

        No file is read after the one that had more than was left of the limits for all.
        """
        if self._allowance.is_spent:
            return None
        root = read_source(
            path, f"{self.shown(path.parent)}/{path.name}", self._found, self._allowance
        )
        return decode(root, cls, self._found, self.shapes) if root is not None else None

    def beside(self, path: Path | None, cls: type[T]) -> T | None:
        """Return what a data file says; a project without it says nothing."""
        if path is None:
            return cls(at=Position("", 1, 1), keys={})
        return self.document(path, cls)

    def shown(self, folder: Path) -> str:
        """Return what positions call a folder: its path from the root, if it is in it."""
        for place in (folder.resolve(), folder):
            if place.is_relative_to(self._root):
                return place.relative_to(self._root).as_posix()
        return folder.name


def _present(
    folder: Path, shown: str, found: Diagnostics, beside: Collection[Path | None] = ()
) -> list[str] | None:
    """Return the names of a folder's YAML files, without those `beside`; None if it has a fault."""
    try:
        return sorted(
            entry.name
            for entry in folder.iterdir()
            if entry.suffix in (".yaml", ".yml")
            and not entry.name.startswith(".")
            and entry not in beside
        )
    except OSError as error:
        reason = error.strerror or str(error)
        found.add("SPEC001", f"cannot read the folder: {reason}", Position(shown, 1, 1))
        return None


def _evidence(
    files: _Files, listed: Sequence[str], modules: Collection[str], found: Diagnostics
) -> dict[str, list[EvidenceFile]]:
    """Return the evidence of each listed module that has files for it, in the order of their names.

    A file is named after its module, or begins like that and goes on after an underscore.

    Args:
        files: What reads them.
        listed: The modules that the package lists.
        modules: The names of the files of all modules that there are.
        found: Gets every fault of them.
    """
    folder = files.folder / EVIDENCE_FOLDER
    shown = files.shown(folder)
    present = _present(folder, shown, found) if folder.exists() else None
    evidence: dict[str, list[EvidenceFile]] = {}
    unlisted = [file.removesuffix(".yaml") for file in modules]
    for name in present or ():
        stem, _, suffix = name.rpartition(".")
        module = _module_of(stem, listed)
        if suffix == "yaml" and module is not None:
            read = files.document(folder / name, EvidenceFile)
            if read is not None:
                rest = stem.removeprefix(module)
                _check_name(read.of, module, read.where("of"), "of", found, rest)
                evidence.setdefault(module, []).append(read)
        elif suffix != "yaml" or _module_of(stem, unlisted) is None:
            # Of a module that is not listed, that is what is wrong, and is told of there.
            hint = found.did_you_mean(stem, listed, "name it after the module that it is about")
            if suffix != "yaml":
                hint = f"rename it to {stem}.yaml"
            at = Position(f"{shown}/{name}", 1, 1)
            found.add("SPEC025", "this is the evidence of no listed module", at, hint)
    return evidence


def _module_of(stem: str, listed: Sequence[str]) -> str | None:
    """Return the module that a file of evidence is named after: of several, the longest name."""
    named = [module for module in listed if f"{stem}_".startswith(f"{module}_")]
    return max(named, key=len, default=None)


def _check_name(
    name: str, stem: str, at: Position, key: str, found: Diagnostics, rest: str = ""
) -> None:
    """Check that a file is named after the module that it says it is of, with a `rest` or not."""
    if name != stem:
        found.add(
            "SPEC026",
            f"the module '{name}' stands in the file of '{stem}'",
            at,
            f"write `{key}: {stem}`, or rename the file to {name}{rest}.yaml",
        )


def _listed(package: Package, present: list[str], found: Diagnostics) -> tuple[str, ...]:
    """Return the listed modules that have a file; report the others.

    A file that is not listed, but was most probably meant by a name without a file, has no fault of
    its own: it is taken off what is present.
    """
    usable: list[str] = []
    for index, stem in enumerate(package.modules):
        at = package.where(f"modules.{index}")
        if stem in usable:
            found.add("SPEC025", f"'{stem}' is listed twice", at)
        elif f"{stem}.yaml" in present and stem != "package":
            usable.append(stem)
        else:
            known = [name.removesuffix(".yaml") for name in present if name != PACKAGE_FILE]
            unlisted = [name for name in known if name not in package.modules]
            hint = found.did_you_mean(stem, unlisted, "create it, or take it off the list")
            found.add("SPEC025", f"there is no file '{stem}.yaml'", at, hint)
            for name in unlisted:
                if hint == f"did you mean '{name}'?":
                    present.remove(f"{name}.yaml")
    return tuple(usable)


def _report_unlisted(present: list[str], package: Package, shown: str, found: Diagnostics) -> None:
    for name in present:
        stem, _, suffix = name.rpartition(".")
        if name == PACKAGE_FILE or (stem in package.modules and suffix == "yaml"):
            continue
        hint = f"add '{stem}' to its modules" if suffix == "yaml" else f"rename it to {stem}.yaml"
        at = Position(f"{shown}/{name}", 1, 1)
        found.add("SPEC025", f"{PACKAGE_FILE} does not list this file", at, hint)
