"""How much there is, down to the tests that scenarios become."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.specifications import load_folder
from nimnet_gen.commands.counts import counts

HERE = Path(__file__).parent


def test_what_checks_statements_is_counted(tmp_path: Path) -> None:
    folder = tmp_path / "spec" / "net"
    shutil.copytree(HERE / "base", folder)
    shutil.copy(HERE / "evidence" / "extra.yaml", folder)
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    # The base's scenario runs on 7 transports, buffered and not. Of the other two, one runs on one
    # transport, unbuffered, in the two forms of its operation, and one has nothing to vary.
    assert list(counts(spec))[-6:] == [
        "    6 statements (1 the package's own; 2 with scenarios, 4 untested with a reason)",
        "    1 operation (2 forms)",
        "    3 scenarios (2 where Nim behaves otherwise)",
        "    4 scenarios by form",
        "   17 tests in the matrix",
        "    1 note on later versions",
    ]
