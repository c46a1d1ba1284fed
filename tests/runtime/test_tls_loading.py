"""TLS where what it needs cannot be loaded: one exception, which is declared and says why."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from harness.builds import COMPILED, pure_only

pytestmark = pytest.mark.timeout(120)

_TRIES = """
import nimnet

def tries():
    for call in (nimnet.new_context, lambda: nimnet.raise_ssl_error("")):
        try:
            call()
        except nimnet.SslError as error:
            yield f"{error} <- {type(error.__cause__).__name__}"
        else:
            yield "nothing raised"

def untouched():
    assert isinstance(nimnet.get_ssl_context_extra_data_index(), int)
    try:
        nimnet.raise_ssl_error("words of the caller's")
    except nimnet.SslError as error:
        assert str(error) == "words of the caller's", error

def show():
    untouched()
    for line in tries():
        print(line, flush=True)
"""


def printed(program: str, *folders: Path) -> list[str]:
    """What a program prints that has `_TRIES` before it, and `folders` before all others."""
    path = ":".join([*map(str, folders), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", _TRIES + program],
        env={"PYTHONPATH": path},
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("package", "source", "told"),
    [
        ("OpenSSL", "raise ImportError('libssl.so.9: cannot open it', name='OpenSSL')", "libssl"),
        ("cryptography", "raise ModuleNotFoundError('no cryptography')", "crypto"),
        ("OpenSSL", "import cryptography; cryptography.no_such_name", "no_such_name"),
        ("OpenSSL", "raise OSError(24, 'Too many open files', 'SSL.py')", "Too many open files"),
    ],
    ids=["library", "missing", "other-version", "no-descriptor"],
)
def test_a_library_that_cannot_be_loaded(
    package: str, source: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / f"{package}.py").write_text(source)
    for line in printed("show(); show()", tmp_path):
        assert line.startswith("TLS needs pyOpenSSL and cryptography, which cannot be loaded"), line
        assert told in line
        assert "subinterpreter" not in line
        assert line.endswith("Error")


def test_it_can_be_loaded_later(tmp_path: Path) -> None:
    """The first try does not spoil the next one."""
    broken = tmp_path / "OpenSSL.py"
    broken.write_text("raise ImportError('not now')")
    program = f"""
show()
import os, sys, importlib
os.remove({str(broken)!r})
importlib.invalidate_caches()
nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
print("loaded")
"""
    assert printed(program, tmp_path)[-1] == "loaded"


IN_SUBINTERPRETER = """
import os
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
nimnet.new_context(verify_mode=nimnet.C_VERIFY_NONE)
inner = interpreters.create()
failed = getattr(interpreters, "exec", None) or interpreters.run_string
result = failed(inner, {code!r})
assert result is None, result
os._exit(0)
"""
SUBINTERPRETERS = pytest.mark.skipif(
    not any(map(importlib.util.find_spec, ("_interpreters", "_xxsubinterpreters"))),
    reason="this Python has no module for subinterpreters",
)


@SUBINTERPRETERS
@pure_only("nothing of a compiled package is for two interpreters, which is tested after this")
def test_in_a_subinterpreter() -> None:
    """Cryptography's library belongs to the interpreter that loaded it first."""
    lines = printed(IN_SUBINTERPRETER.format(code=f"{_TRIES}show()"))
    assert len(lines) == 2
    for line in lines:
        assert "TLS needs pyOpenSSL and cryptography, which cannot be loaded" in line
        assert "only one interpreter of a process can have them" in line
        assert line.endswith(" <- ImportError")


@SUBINTERPRETERS
@pytest.mark.skipif(not COMPILED, reason="pure Python is for any number of interpreters")
def test_what_is_compiled_is_for_one_interpreter() -> None:
    code = """
try:
    import nimnet
except ImportError as error:
    print(error, flush=True)
"""
    (line,) = printed(IN_SUBINTERPRETER.format(code=code))
    assert "interpreter" in line
