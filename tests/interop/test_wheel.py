"""The wheel, as a user gets it: built, installed into an empty environment, and used from there."""

from __future__ import annotations

import hashlib
import re
import runpy
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from harness.installation import Installed, built, compiled
from harness.installation import installed as installed_from
from harness.nginx import Nginx
from harness.programs import find, run, unavailable
from harness.redis import Redis

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
assert not {"jinja2", "yaml", "pytest", "mypy"} & sys.modules.keys()
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


@pytest.fixture(scope="module", name="installed", params=["pure", "compiled"])
def _installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    wheel = compiled() if request.param == "compiled" else built("wheel", ROOT, folder / "dist")
    return installed_from(wheel, folder)


def test_wheel_holds_the_packages_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = archive.namelist()
    libraries = {name for name in names if "__mypyc." in name}
    roots = {name.partition("/")[0] for name in names} - libraries
    (information,) = (root for root in roots if root.endswith(".dist-info"))
    packages = {"nimnet", "nimnet_effects", "nimnet_runtime"}
    assert roots == {*packages, information}
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert f"{information}/licenses/LICENSE" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    modules = {name for name in names if name.endswith(".py")}
    extensions = {name.partition(".")[0] for name in names if name.endswith(".so")} - {
        name.partition(".")[0] for name in libraries
    }
    if installed.wheel.name.endswith("-py3-none-any.whl"):
        assert not libraries | extensions
    else:
        hook = runpy.run_path(str(ROOT / "hatch_build.py"))
        compiled = {name for name in modules if name.partition("/")[0] in hook["PACKAGES"]}
        assert hook["INTERPRETED"].keys() < compiled
        compiled -= hook["INTERPRETED"].keys()
        assert extensions == {name.removesuffix(".py") for name in compiled}


def test_the_source_distribution_holds_what_is_committed(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        unavailable("this is no work tree of git")
    tracked = run([find("git"), "ls-files", "-z"], cwd=ROOT).decode().split("\0")[:-1]
    with tarfile.open(built("sdist", ROOT, tmp_path)) as archive:
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


def test_what_calls_may_raise_comes_with_it(installed: Installed) -> None:
    code = "import nimnet; from nimnet import effects; print(len(effects.of(nimnet.Socket.recv)))"
    assert installed.python("-c", code) == "4\n"


def test_the_plugin_is_installed_with_the_mypy_that_it_needs(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        (information,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(information).decode()
    assert re.search(r"^Requires-Dist: mypy>=[\d.]+; extra == 'mypy'$", metadata, re.MULTILINE)


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


def test_client_talks_to_redis(installed: Installed, redis: Redis) -> None:
    said = "redis: 1048576 bytes both ways, 1000 replies in order\n"
    assert installed.python(str(CLIENT), "redis", "127.0.0.1", str(redis.port)) == said
    assert installed.python(str(CLIENT), "redis-unix", str(redis.path)) == said


def test_client_talks_to_nginx(installed: Installed, nginx: Nginx, big_body: bytes) -> None:
    said = f"http: 200, 104857600 bytes, sha256 {hashlib.sha256(big_body).hexdigest()}\n"
    assert installed.python(str(CLIENT), "http", "127.0.0.1", str(nginx.port), "/big") == said
    assert installed.python(str(CLIENT), "http-unix", str(nginx.path), "/big") == said
