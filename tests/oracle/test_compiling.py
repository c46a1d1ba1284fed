"""The program is compiled once for all that want it, and again when a source of it changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nimnet_gen.testing.oracle.compiling import CompilationError, Sources

pytestmark = pytest.mark.timeout(110)

HERE = Path(__file__).parent
FLAGS = ("--define:ssl",)
SOURCE = """\
import support

play()
"""


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    """A program without scenarios."""
    folder = tmp_path / "generated"
    folder.mkdir()
    (folder / "oracle.nim").write_text(SOURCE)
    return folder


def test_it_is_compiled_once_and_again_for_a_change(generated: Path, tmp_path: Path) -> None:
    build = tmp_path / "build"
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(
            lambda _: Sources(generated, HERE, build, FLAGS).compiled(), range(2)
        )
    assert first == second
    made = first.stat().st_mtime_ns
    assert Sources(generated, HERE, build, FLAGS).compiled().stat().st_mtime_ns == made
    (generated / "oracle.nim").write_text(SOURCE + "# changed\n")
    assert Sources(generated, HERE, build, FLAGS).compiled().stat().st_mtime_ns > made


def test_what_does_not_compile_says_why(generated: Path, tmp_path: Path) -> None:
    (generated / "oracle.nim").write_text("undeclared()\n")
    with pytest.raises(CompilationError, match="undeclared identifier: 'undeclared'"):
        Sources(generated, HERE, tmp_path / "build", FLAGS).compiled()
