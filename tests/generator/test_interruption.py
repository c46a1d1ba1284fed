"""Signals at the moments that a run might tell something wrong, or nothing but a traceback.

Each run is a process of its own that sends itself the signal, at one exact place. It first gives
the signals the dispositions that a terminal would: what starts the tests may have them ignored (a
script's background jobs, nohup), and a child process inherits that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from harness.configuration import configure

ROOT = Path(__file__).parents[2]
LIGHTS = Path(__file__).parent / "good" / "lights"

START = "import sys; from nimnet_gen.cli import main; sys.exit(main())"
SETUP = """
import os, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

def interrupt(*_):
    os.kill(os.getpid(), signal.{signal})
"""
WHILE_IMPORTING = """
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "{name}":
            interrupt()

sys.modules.pop("{name}", None)
sys.meta_path.insert(0, Finder)
"""
AFTER_THE_COMMIT = """
from nimnet_gen.files import write
apply = write.apply

def applied(*arguments):
    apply(*arguments)
    interrupt()

write.apply = applied
"""
WHILE_REPORTING = """
out = sys.stdout

class Out:
    def write(self, text):
        interrupt()
        return out.write(text)
    def flush(self):
        out.flush()
        interrupt()

sys.stdout = Out()
"""
AT_THE_END = """
import atexit, threading
atexit.register(interrupt)
threading._register_atexit(interrupt)

class Last:
    def __del__(self, interrupt=interrupt):
        interrupt()

sys.last = Last()
"""
ONCE_MORE = """
from nimnet_gen.files import transaction
transaction._Change.commit = interrupt
err = sys.stderr

class Err:
    def write(self, text):
        interrupt()
        return err.write(text)
    def flush(self):
        err.flush()
        interrupt()

sys.stderr = Err()
"""
IN_A_CALLBACK = """
from nimnet_gen.files import write
compare = write.compare

class Callback:
    def __del__(self):
        interrupt()

def compared(*arguments):
    Callback()
    return compare(*arguments)

write.compare = compared
"""
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    shutil.copytree(LIGHTS / "spec", root / "spec" / "net")
    configure(root, spec="spec/net")
    shutil.copytree(LIGHTS / "runtime", root / "runtime")
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def run(
    project: Path,
    place: str,
    *,
    signal: str = "SIGINT",
    command: str = "generate",
    measured: bool = True,
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if measured or not k.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, "-c", SETUP.format(signal=signal) + place + START, command],
        cwd=project,
        env=kept | {"PYTHONPATH": str(ROOT / "generator"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "name",
    [
        "nimnet_gen.commands.interruption",
        "nimnet_gen.commands.line",
        "argparse",
        "yaml",
        "nimnet_gen.plan",
        "jinja2",
        "nimnet_gen.files.transaction",
    ],
)
def test_an_interruption_while_importing_is_one_sentence(project: Path, name: str) -> None:
    before = tree(project)
    ran = run(project, WHILE_IMPORTING.format(name=name))
    assert ran.stderr == "nimnet-gen: interrupted (SIGINT); nothing was changed\n"
    assert ran.returncode == 130
    assert tree(project) == before


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(
    "place",
    [
        pytest.param(AFTER_THE_COMMIT, id="after the commit"),
        pytest.param(WHILE_REPORTING, id="while reporting"),
        pytest.param(AT_THE_END, id="at the end"),
    ],
)
def test_what_is_done_is_reported_as_done(project: Path, place: str, signal: str) -> None:
    ran = run(project, place, signal=signal)
    assert ran.stderr == ""
    assert ran.returncode == 0
    assert "wrote generated/lamps/fittings.py" in ran.stdout
    assert run(project, "", command="check").returncode == 0


def test_a_second_interruption_adds_nothing(project: Path) -> None:
    before = tree(project)
    ran = run(project, ONCE_MORE + AT_THE_END)
    assert ran.stderr == "nimnet-gen: interrupted (SIGINT); nothing was changed\n"
    assert ran.returncode == 130
    assert tree(project) == before


def test_an_interruption_in_a_callback_is_not_lost(project: Path) -> None:
    before = tree(project)
    ran = run(project, IN_A_CALLBACK)
    assert ran.stderr == "nimnet-gen: interrupted (SIGINT); nothing was changed\n"
    assert ran.returncode == 130
    assert tree(project) == before


def test_an_ignored_signal_stays_ignored(project: Path) -> None:
    ignored = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    ran = run(project, ignored + WHILE_IMPORTING.format(name="yaml"), signal="SIGHUP")
    assert ran.stderr == ""
    assert ran.returncode == 0


def test_a_full_disk_names_the_file(project: Path) -> None:
    before = tree(project)
    ran = run(project, LIMITED, measured=False)  # coverage could not write its data either
    error = ran.stderr
    assert error.startswith("nimnet-gen: ")
    assert f"{project}/generated/" in error
    assert error.endswith(": File too large; nothing was changed\n")
    assert ran.returncode == 2
    assert tree(project) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_output_hides_no_change(project: Path) -> None:
    ran = run(project, "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n")
    assert ran.returncode == 2
    assert "everything was written, but not this report: No space left on device" in ran.stderr
    assert "nothing was changed" not in ran.stderr
    assert run(project, "", command="check").returncode == 0
