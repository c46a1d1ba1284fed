"""The wheel, as a user gets it: built, installed into an empty environment, and used from there."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest
from harness.nginx import Nginx
from harness.programs import find, need_module, run, unavailable
from harness.redis import Redis
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
CLIENT = Path(__file__).with_name("client.py")

IMPORT_ALL = """
import importlib, pkgutil, sys

def modules(name):
    package = importlib.import_module(name)
    yield name
    for found in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(found.name)
        yield found.name

print(*modules("nimnet"), *modules("nimnet_runtime"))
assert not {"jinja2", "yaml", "pytest"} & sys.modules.keys()
"""


USER_PROGRAM = """
from typing import assert_type

import nimnet

with nimnet.new_socket() as sock:
    assert_type(sock.recv(10), bytes)
    assert_type(sock.get_local_addr(), tuple[str, nimnet.Port])
    sock.connect("localhost", 80)
    nimnet.TimeoutError().no_such
"""


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, what the wheel says it needs, and nothing else."""

    wheel: Path
    directory: Path

    @property
    def packages(self) -> Path:
        """Where the environment's packages are."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.directory / "lib" / version / "site-packages"

    def program(self, name: str) -> str:
        """Return the path of one of the environment's programs."""
        return str(self.directory / "bin" / name)

    def python(self, *arguments: str) -> str:
        """Run the environment's Python, apart from this process's paths and variables."""
        return run([self.program("python"), "-I", *arguments]).decode()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    need_module("hatchling")
    need_module("pip")
    base = tmp_path_factory.mktemp("wheel")
    dist, environment = base / "dist", base / "environment"
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)], cwd=ROOT)
    (wheel,) = dist.glob("*.whl")
    run([sys.executable, "-m", "venv", "--without-pip", str(environment)])
    python = str(environment / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--isolated", "--python", python, "install"]
    run([*pip, "--no-index", "--no-deps", "--no-compile", str(wheel)])
    installed = Installed(wheel, environment)
    (nimnet,) = metadata.distributions(name="nimnet", path=[str(installed.packages)])
    for needed in requirements_of(nimnet):
        copy_distribution(needed, installed.packages)
    return installed


def requirements_of(distribution: metadata.Distribution) -> Iterator[metadata.Distribution]:
    """Give what a distribution needs, and what that needs, from where the tests run."""
    for line in distribution.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed = metadata.distribution(requirement.name)
            yield needed
            yield from requirements_of(needed)


def copy_distribution(distribution: metadata.Distribution, packages: Path) -> None:
    """Copy an installed distribution: no index is asked, so that the test runs offline."""
    for file in distribution.files or []:
        target = packages / file
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), target)


def test_wheel_holds_the_packages_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = archive.namelist()
    roots = {name.partition("/")[0] for name in names}
    (information,) = (root for root in roots if root.endswith(".dist-info"))
    assert roots == {"nimnet", "nimnet_runtime", "nimnet_gen", information}
    assert {"nimnet/py.typed", "nimnet_runtime/py.typed"} <= set(names)
    assert any(name.startswith("nimnet_gen/templates/") for name in names)
    assert f"{information}/licenses/LICENSE" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_source_distribution_holds_what_is_committed(tmp_path: Path) -> None:
    need_module("hatchling")
    if not (ROOT / ".git").exists():
        unavailable("this is no work tree of git")
    tracked = run([find("git"), "ls-files", "-z"], cwd=ROOT).decode().split("\0")[:-1]
    run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)], cwd=ROOT)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert held == {*tracked, "PKG-INFO"}


def test_every_module_imports_without_what_only_the_generator_needs(installed: Installed) -> None:
    probe = "import importlib.util as u; print(*map(u.find_spec, ['jinja2', 'yaml', 'nimnet']))"
    assert installed.python("-c", probe).startswith("None None ModuleSpec(name='nimnet'")
    imported = installed.python("-c", IMPORT_ALL).split()
    assert {"nimnet", "nimnet.socket", "nimnet_runtime.endpoint"} <= set(imported)


def test_import_of_nimnet_leaves_tls_alone(installed: Installed) -> None:
    loaded = "import nimnet, sys; print(sorted({'ssl', '_ssl', 'OpenSSL'} & sys.modules.keys()))"
    assert installed.python("-c", loaded) == "[]\n"


def test_without_its_extra_international_names_are_those_of_idna_2003(installed: Installed) -> None:
    code = "from nimnet_runtime.hosts import read; print(read('address', 'stra\\xdfe.de').name)"
    assert installed.python("-c", code) == "b'strasse.de'\n"


def test_type_checker_finds_the_types(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "MYPYPATH"):
        monkeypatch.delenv(name, raising=False)
    program = tmp_path / "program.py"
    program.write_text(USER_PROGRAM)
    python = installed.program("python")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-incremental"]
    said = run([*mypy, "--python-executable", python, program.name], cwd=tmp_path, status=1)
    errors = [line for line in said.decode().splitlines() if ": error: " in line]
    assert [(line.split(":")[1], line.split("[")[-1]) for line in errors] == [
        ("9", "call-overload]"),
        ("10", "attr-defined]"),
    ]


def test_all_compiles_without_a_warning(installed: Installed) -> None:
    packages = [str(path) for path in installed.packages.glob("nimnet*")]
    installed.python("-W", "error", "-m", "compileall", "-q", "-f", *packages)


def test_generator_says_which_extra_it_needs(installed: Installed) -> None:
    done = subprocess.run(
        [installed.program("python"), "-I", installed.program("nimnet-gen"), "lint"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode != 0
    assert "nimnet[generator]" in done.stderr
    assert "Traceback" not in done.stderr


def test_client_talks_to_redis(installed: Installed, redis: Redis) -> None:
    said = "redis: 1048576 bytes both ways, 1000 replies in order\n"
    assert installed.python(str(CLIENT), "redis", "127.0.0.1", str(redis.port)) == said
    assert installed.python(str(CLIENT), "redis-unix", str(redis.path)) == said


def test_client_talks_to_nginx(installed: Installed, nginx: Nginx, big_body: bytes) -> None:
    said = f"http: 200, 104857600 bytes, sha256 {hashlib.sha256(big_body).hexdigest()}\n"
    assert installed.python(str(CLIENT), "http", "127.0.0.1", str(nginx.port), "/big") == said
    assert installed.python(str(CLIENT), "http-unix", str(nginx.path), "/big") == said
