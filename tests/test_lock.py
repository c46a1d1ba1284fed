"""The lock: exact, complete, no larger than what is asked for, and what is installed."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from harness.programs import run
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "dependencies" / "lock.txt"
OURS = ("nimnet", "nimnet-gen")
BROUGHT_BY_PYTHON = {"pip"}
"""What `venv` itself puts into an environment."""

BEFORE = """\
--only-binary :all:

kept==1.0 \\
    --hash=sha256:00
forked==1.0 ; python_full_version < '3.12' \\
    --hash=sha256:00
forked==2.0 ; python_full_version >= '3.12' \\
    --hash=sha256:00
gone==3.0 \\
    --hash=sha256:00
moved-on==1.9 \\
    --hash=sha256:00
"""


def entries() -> list[str]:
    """Return the lock's lines, without comments and with continued lines as one."""
    text = re.sub(r"^ *#.*\n", "", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", "").splitlines() if line]


def pins() -> dict[str, str]:
    """Return the version of each package that the lock has for this interpreter."""
    requirements = [
        Requirement(entry.partition("--hash")[0]) for entry in entries() if "==" in entry
    ]
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }


@pytest.fixture
def installed() -> dict[str, str]:
    """The version of each package that is installed, where `make install` did it."""
    if not (Path(sys.prefix) / ".installed").exists():
        pytest.skip("these tests run in an environment that `make install` did not make")
    found = {canonicalize_name(x.name): x.version for x in metadata.distributions()}
    return {name: found[name] for name in found.keys() - BROUGHT_BY_PYTHON - {*OURS}}


def test_every_package_is_pinned_with_hashes_and_none_with_its_origin() -> None:
    option, *packages = entries()
    # A source distribution would be built with whatever its build requirements are that day.
    assert option == "--only-binary :all:"
    for entry in packages:
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ;[^@]+)?( +--hash=sha256:[0-9a-f]{64})+", entry)
    assert "http" not in LOCK.read_text(encoding="utf-8")


def test_what_is_installed_is_the_lock(installed: dict[str, str]) -> None:
    assert installed == pins()


def test_nothing_is_pinned_that_nothing_asks_for(installed: dict[str, str]) -> None:
    needed: set[str] = set()
    follow(["nimnet[dev]", "nimnet-gen[testing]"], needed)
    useless = sorted(installed.keys() - needed)
    assert not useless, f"{useless}: run 'make lock'"


def test_what_builds_is_locked() -> None:
    ours, generator = (
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        for folder in (ROOT, ROOT / "generator")
    )
    wanted = ours["project"]  # what `make lock` resolves
    extras = wanted["optional-dependencies"]
    locked = {*wanted["dependencies"], *extras["dev"], *extras["idna"]}  # which dev has as well
    for project in (ours, generator):
        assert set(project["build-system"]["requires"]) <= locked


def follow(lines: Iterable[str], needed: set[str], extra: str = "") -> None:
    """Add the names of what these requirements ask for, and of what that asks for."""
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *requirement.extras):
            name = canonicalize_name(requirement.name)
            if (seen := f"{name}[{wanted}]" if wanted else name) not in needed:
                needed.add(seen)
                follow(metadata.requires(name) or [], needed, wanted)


def test_what_moved_is_said(tmp_path: Path) -> None:
    before, after = tmp_path / "before.txt", tmp_path / "after.txt"
    before.write_text(BEFORE, encoding="utf-8")
    after.write_text(
        BEFORE.replace("gone==3.0", "arrived==0.1")
        .replace("forked==2.0", "forked==2.1")
        .replace("moved-on==1.9", "moved-on==1.10"),
        encoding="utf-8",
    )
    command = [sys.executable, str(ROOT / "dependencies" / "moved.py"), str(before)]
    assert run([*command, str(after)]).decode().splitlines() == [
        "arrived: added 0.1",
        "forked: 1.0, 2.0 -> 1.0, 2.1",
        "gone: removed 3.0",
        "moved-on: 1.9 -> 1.10",
    ]
    assert run([*command, str(before)]) == b"nothing moved\n"
