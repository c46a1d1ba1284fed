"""How much there is, down to the tests that scenarios become."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.specifications import load_folder
from nimnet_gen.commands.counts import counts

HERE = Path(__file__).parent


def test_what_is_not_documented_is_counted_apart(tmp_path: Path) -> None:
    folder = tmp_path / "spec" / "net"
    shutil.copytree(HERE / "base", folder)
    package = folder / "package.yaml"
    package.write_text(package.read_text() + "original: A small API, for\n")
    (folder / "extra.yaml").write_text(
        "name: extra\ndoc: A test.\n"
        "types:\n  - {name: Lid, kind: enum, members: [Open], extension: true, doc: L.}\n"
        "  - {name: Knob, kind: enum, members: [Low], since: 'A small API, for 2.0', doc: K.}\n"
        "consts:\n  - {name: Most, value: 3, since: 'A small API, for 2.0', doc: M.}\n"
        "procs:\n"
        "  - {name: fill, since: 'A small API, for 2.0', raises: [], doc: F.}\n"
        "  - {name: pour, since: 'A small API, for 3.0', raises: [], doc: P.}\n"
        "  - {name: spill, since: 'A small API, for 3.0', raises: [], doc: S., omit: It is old.}\n"
    )
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    lines = list(counts(spec))
    assert lines[1].endswith(
        " types (1 the package's own; 1 since A small API, for 2.0; 1 not generated)"
    )
    assert lines[2:6] == [
        "    2 consts (1 since A small API, for 2.0)",
        "    3 documented callables (3 procs, 0 templates)",
        "    1 extension",
        "    3 callables of later versions "
        "(1 since A small API, for 2.0, 2 since A small API, for 3.0; "
        "1 not generated)",
    ]


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
