"""Many wrong specifications: one after another, and those that are accepted looked at together."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nimnet_gen.project.configuration import Configuration, read_configuration

from fuzzing.mutations import Mutator, Tree, copied
from fuzzing.trial import (
    Subject,
    ill_typed,
    judge,
    not_importable,
    read_subject,
    write_specification,
)


@dataclass(frozen=True)
class Failure:
    """A specification that the generator did something wrong with."""

    name: str
    folder: Path
    done: Sequence[str]
    why: str

    @property
    def kind(self) -> str:
        """What is wrong, without what differs from one specification to the next."""
        why = re.sub(r"m\d+/", "", self.why)
        return re.sub(r"'[^']*'|\"[^\"]*\"|\b\d+\b", "_", why)[:160]

    def text(self) -> str:
        """Return all of it for people."""
        return f"{self.why}\n\n" + "".join(f"{one}\n" for one in self.done)


def subjects(root: Path) -> Iterator[Subject]:
    """Yield the specifications that are mutated: small ones, and the project's own."""
    good = root / "tests" / "generator" / "good"
    yield read_subject(
        "lights", good / "lights", read_configuration(good / "lights") or Configuration()
    )
    example = root / "examples" / "uri"
    configuration = read_configuration(example) if example.is_dir() else None
    if configuration is not None:
        yield read_subject("uri", example, configuration)
    own = read_configuration(root)
    assert own is not None
    whole = read_subject("net", root, own)
    yield Subject("surface", whole.project, _surface(whole.tree), whole.runtime)
    yield whole


def _surface(tree: Tree) -> Tree:
    """Return a specification with its statements, but without what checks them."""
    bare = copied(tree)
    assert isinstance(bare, dict)
    waiting: list[object] = [bare]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            part.pop("operations", None)
            if part.pop("scenarios", None) is not None:
                part["untested"] = "It is left out here."
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return bare


class Campaign:
    """Tries mutants of some specifications in a folder, and collects what is wrong."""

    def __init__(self, known: Sequence[Subject], folder: Path, cache: Path) -> None:
        """Work in `folder`; mypy remembers in `cache` what it knows of the runtimes."""
        self._known = known
        self._folder = folder
        self._cache = cache
        self._accepted: dict[str, tuple[Subject, Path, list[str]]] = {}
        self._count: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.failures: list[Failure] = []

    def try_one(self, seed: int) -> None:
        """Make the mutant of a seed and let the generator judge it."""
        chance = random.Random(seed)
        weights = [1 if subject.name == "net" else 8 for subject in self._known]
        (subject,) = chance.choices(self._known, weights)
        tree = copied(subject.tree)
        assert isinstance(tree, dict)
        done = [f"{subject.name}, seed {seed}", *Mutator(tree, chance).mutate()]
        name = f"m{seed}"
        # Its name is in every position, and must be no folder's that the project has data files in.
        folder = self._folder / "specs" / name
        write_specification(tree, folder)
        outcome = judge(subject, folder, self._folder / "made" / subject.name / name)
        self._count[outcome.verdict] += 1
        if outcome.verdict == "wrong":
            self.failures.append(Failure(name, folder, done, outcome.why))
        elif outcome.verdict == "accepted":
            self._accepted[name] = (subject, folder, done)
        else:
            self.codes.update(outcome.why.split())

    def look_at_accepted(self) -> None:
        """Import and type-check what was accepted since the last look."""
        for subject in self._known:
            mine = {name: one for name, one in self._accepted.items() if one[0] is subject}
            home = self._folder / "made" / subject.name
            packages = {
                f"{name}.{path.name}": name
                for name in mine
                for path in (home / name).iterdir()
                if path.name != "conformance" and path.is_dir()
            }
            for package, why in not_importable(packages, home, subject.runtime).items():
                self._fail(mine, packages[package], f"import: {why}")
            cache = self._cache / subject.name
            runtime = subject.runtime_package
            for name, why in ill_typed(list(mine), home, subject.runtime, runtime, cache).items():
                self._fail(mine, name, f"mypy: {why}")
        self._accepted.clear()

    def _fail(self, mine: dict[str, tuple[Subject, Path, list[str]]], name: str, why: str) -> None:
        _, folder, done = mine[name]
        self.failures.append(Failure(name, folder, done, why))

    def summary(self) -> str:
        """Return how many were refused, accepted, and wrong."""
        count = self._count
        wrong = len({failure.name for failure in self.failures})
        return (
            f"{count.total()} tried: {count['refused']} refused with {len(self.codes)} codes, "
            f"{count['accepted']} accepted; {wrong} wrong"
        )
