"""The commands as their users meet them: what is printed where, and the exit status."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.configuration import configure
from nimnet_gen.cli import main
from nimnet_gen.commands.specification import SHOWN
from nimnet_gen.files import transaction
from nimnet_gen.source.diagnostics import MOST

ROOT = Path(__file__).parents[2]
LIGHTS = Path(__file__).parent / "good" / "lights"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, with the working directory somewhere inside it."""
    root = tmp_path / "project"
    shutil.copytree(LIGHTS / "spec", root / "spec" / "net")
    configure(root, spec="spec/net")
    shutil.copytree(LIGHTS / "runtime", root / "runtime")
    monkeypatch.chdir(root / "runtime" / "lamp_runtime")
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_generate_then_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 1
    assert "missing: generated/lamps/fittings.py" in capsys.readouterr().out
    assert main(["generate"]) == 0
    assert "wrote generated/lamps/fittings.py" in capsys.readouterr().out
    assert main(["generate"]) == 0
    assert (
        capsys.readouterr().out == f"{len(tree(project / 'generated')) + 1} files are up to date\n"
    )
    assert main(["check"]) == 0
    assert (project / "spec" / "schema.json").exists()


def test_an_edit_changes_the_files_that_carry_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["generate"])
    capsys.readouterr()
    edit(project / "spec/net/fittings.yaml", "doc: Counts the lamps.", "doc: Counts all lamps.")
    assert main(["check"]) == 1
    output = capsys.readouterr().out
    assert '+    """Counts all lamps.' in output
    assert "stale: generated/lamps/fittings.py" in output
    assert main(["generate"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrote generated/lamps/fittings.py",
        "wrote generated/reference/fittings.md",
        "wrote generated/reference/index.md",
    ]


def test_more_faults_than_anyone_reads(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    types = "\n".join(f"  - {{nam{number}: x}}" for number in range(200))
    edit(project / "spec/net/fittings.yaml", "types:\n", f"types:\n{types}\n")
    before = tree(project)
    assert main(["generate"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count(": SPEC") == SHOWN
    assert f"\nand {MOST - SHOWN} more, which may follow from these\n" in output.err
    assert output.err.endswith(f"\nmore than {MOST} faults in spec/net\n")
    assert tree(project) == before


def test_a_hand_edit_is_refused_and_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["generate"])
    edited = project / "generated/lamps/shades.py"
    edit(edited, "Reads a code.", "Reads my code.")
    (project / "generated/lamps/fittings.py").unlink()
    capsys.readouterr()
    before = tree(project)
    assert main(["check"]) == 1
    assert "hand-edited: generated/lamps/shades.py" in capsys.readouterr().out
    assert main(["generate"]) == 2
    error = capsys.readouterr().err
    assert "edited by hand: generated/lamps/shades.py" in error
    assert "spec/net" in error
    assert "--force" in error
    assert tree(project) == before
    assert main(["generate", "--force"]) == 0
    assert main(["check"]) == 0


def test_what_is_no_longer_generated_goes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["generate"])
    (project / "generated/lamps/notes.txt").write_text("mine\n")
    edit(project / "spec/net/package.yaml", "[shades, fittings, sockets]", "[shades, sockets]")
    (project / "spec/net/fittings.yaml").unlink()
    capsys.readouterr()
    assert main(["check"]) == 1
    assert "extra: generated/lamps/fittings.py" in capsys.readouterr().out
    assert main(["generate"]) == 0
    output = capsys.readouterr().out
    assert "removed generated/lamps/fittings.py" in output
    assert "left alone, not generated: generated/lamps/notes.txt" in output
    assert not (project / "generated/lamps/fittings.py").exists()
    assert main(["check"]) == 0


@pytest.mark.parametrize("command", [["generate"], ["check"], ["lint"], ["explain", "Lamp"]])
def test_a_bad_spec_writes_nothing_and_shows_every_fault(
    project: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project / "spec/net/fittings.yaml", 'type: Lamp, doc: "The lamp."', "type: Lump")
    before = tree(project)
    assert main(command) == 1
    error = capsys.readouterr().err
    assert "spec/net/fittings.yaml:21:" in error
    assert error.count("SPEC041 unknown type 'Lump'") == 1
    assert "did you mean 'Lamp'?" in error
    assert "1 fault in spec/net" in error  # it is said once what is unknown
    assert tree(project) == before


def test_lint_counts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.exists()
    assert main(["lint"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "    3 modules" in lines
    assert "   19 documented callables (19 procs, 0 templates; 1 not generated)" in lines
    assert [line for line in lines if "statement" in line] == [
        "    1 statement (0 the package's own; 0 with scenarios, 1 untested with a reason)"
    ]


def test_outside_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 2
    error = capsys.readouterr().err
    assert "no pyproject.toml with a table [tool.nimnet-gen] in" in error
    assert "--root" in error


def test_a_root_without_a_specification(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(tmp_path, spec="spec/net")
    for folder in ("spec/net", "runtime"):
        (tmp_path / folder).mkdir(parents=True)
    assert main(["--root", str(tmp_path), "check"]) == 2
    assert f"no package.yaml in {tmp_path / 'spec/net'}; say where" in capsys.readouterr().err


def test_a_specification_elsewhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.move(project / "spec/net", project / "lamps")
    configure(project, spec="lamps", output="made/here")
    edit(project / "lamps/fittings.yaml", "type: Percent, doc", "type: Per_cent, doc")
    assert main(["generate"]) == 1
    assert capsys.readouterr().err.startswith("lamps/fittings.yaml:")
    edit(project / "lamps/fittings.yaml", "type: Per_cent, doc", "type: Percent, doc")
    assert main(["generate"]) == 0
    text = (project / "made/here/lamps/shades.py").read_text()
    assert text.startswith("# Generated by nimnet-gen from lamps/shades.yaml.")
    assert (project / "schema.json").exists()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[tool.nimnet-gen]\nspce = 'spec'", "unknown key 'spce'; did you mean 'spec'?"),
        ("[tool.nimnet-gen]\nlanguage = 'C'", "unknown key 'language'; there are spec, runtime, "),
        ("[tool.nimnet-gen]\nspec = 'a/../../b'", "`spec` must be a path to something inside the"),
        ("[tool.nimnet-gen]\nspec = '/spec'", "`spec` must be a path to something inside the"),
        ("[tool.nimnet-gen]\nspec = 'C:/spec'", "`spec` must be a path to something inside the"),
        ("[tool.nimnet-gen]\nspec = '.'", "`spec` must be a path to something inside the project"),
        ("[tool.nimnet-gen]\nspec = 'a\\b'", "`spec` must be a path with '/' between"),
        (
            "[tool.nimnet-gen]\nspec = 'spec'\noutput = 'spec/made'",
            "`output` and `spec` must be two",
        ),
        ("[tool.nimnet-gen]\nspec = 'a/spec'\noutput = 'a'", "`output` and `spec` must be two"),
        ("[tool.nimnet-gen]\noutput = 'runtime'", "`output` and `runtime` must be two"),
        ("[tool.nimnet-gen]\noutput = '.git'", "must be no hidden folder, not '.git'"),
        ("[tool.nimnet-gen]\nspec = 3", "`spec` must be a path in quotes, not 3"),
        ("[tool.nimnet-gen]\nspec = 'lib'", "/lib; say where it is: `spec` in [tool.nimnet-gen]"),
        (
            "[tool.nimnet-gen]\nruntime = 'lib'\nspec = 'spec/net'",
            "/lib; say where it is: `runtime`",
        ),
        (
            "[tool.nimnet-gen]\ntypes = 'spec/t'\nspec = 'spec/net'",
            "spec/t; say where it is: `types`",
        ),
        ("[tool.nimnet-gen]\ntargets = 'tests'", "`targets` must be a list of texts, not 'tests'"),
        ("[tool.nimnet-gen]\ntargets = ['test']", "unknown 'test'; did you mean 'tests'?"),
        ("[tool.nimnet-gen]\ntargets = []", "`targets` is empty; there are package, tests, oracle"),
        ("[tool.nimnet_gen]\nspec = 'spec'", "[tool.nimnet_gen]; did you mean [tool.nimnet-gen]?"),
        ("[tool]\nnimnet-gen = 1", "must be a table, [tool.nimnet-gen]"),
        ("[tool.nimnet-gen\n", "is no TOML"),
    ],
)
def test_a_wrong_configuration(
    project: Path, table: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main(["--root", str(project), "lint"]) == 2
    error = capsys.readouterr().err
    assert str(project / "pyproject.toml") in error
    assert words in error


def test_all_that_is_wrong_with_a_configuration_is_said_at_once(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "[tool.nimnet-gen]\nruntime = 1\nspec = '..'\nmode = 2\n"
    (project / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main(["lint"]) == 2
    where = f"{project / 'pyproject.toml'}: [tool.nimnet-gen]: "
    assert [line.partition(where)[2] for line in capsys.readouterr().err.splitlines()] == [
        "unknown key 'mode'; there are spec, runtime, output, targets, stage, types, oracle, facts",
        "`spec` must be a path to something inside the project, not '..'",
        "`runtime` must be a path in quotes, not 1",
    ]


def test_the_nearest_table_is_the_project_s(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = project / "runtime" / "lamp_runtime"
    (inner / "pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    assert main(["lint"]) == 0
    configure(inner, spec="nowhere")
    capsys.readouterr()
    assert main(["lint"]) == 2
    assert f"no folder {inner / 'nowhere'}" in capsys.readouterr().err
    monkeypatch.chdir(project)
    assert main(["lint"]) == 0


@pytest.mark.parametrize("text", ["name: [", "name: lamps\n"])
@pytest.mark.parametrize("command", ["lint", "check", "generate"])
def test_a_specification_that_cannot_be_read(
    project: Path, text: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "spec/net/package.yaml").write_text(text)
    assert main([command]) == 1
    assert "spec/net/package.yaml:1:" in capsys.readouterr().err
    assert not (project / "generated").exists()


@pytest.mark.parametrize("missing", ["yaml", "jinja2"])
def test_without_what_it_depends_on(project: Path, missing: str) -> None:
    code = (
        f"import sys; sys.modules['{missing}'] = None; from nimnet_gen.cli import main; "
        "sys.exit(main(['generate']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT / "generator")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert f"{missing} is not installed: pip install nimnet-gen\n" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_symbolic_link_is_refused(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / "generated").symlink_to(tmp_path / "elsewhere")
    assert main(["generate"]) == 2
    assert "symbolic link" in capsys.readouterr().err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_full_disk_is_one_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(project)

    def full(path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["generate"]) == 2
    error = capsys.readouterr().err
    assert "No space left on device; nothing was changed" in error
    assert len(error.splitlines()) == 1
    assert tree(project) == before


@pytest.fixture
def at_a_terminal() -> Iterator[None]:
    """Signals that interrupt, also where whatever started the tests has them ignored."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    terminate = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, terminate)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.usefixtures("at_a_terminal")
def test_a_signal_between_two_files_leaves_the_tree_as_it_was(
    project: Path,
    number: signal.Signals,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = tree(project)
    handler = signal.getsignal(number)
    commit = transaction._Change.commit

    def interrupted(self: transaction._Change, staged: transaction._Staged) -> None:
        commit(self, staged)
        os.kill(os.getpid(), number)

    monkeypatch.setattr(transaction._Change, "commit", interrupted)
    assert main(["generate"]) == 130
    assert f"interrupted ({number.name}); nothing was changed" in capsys.readouterr().err
    assert tree(project) == before
    assert signal.getsignal(number) is handler


def run(
    project: Path, *arguments: str, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nimnet_gen", *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT / "generator")},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_help_documents_the_exit_status(project: Path) -> None:
    ran = run(project, "--help")
    assert ran.returncode == 0
    assert "exit status" in ran.stdout
    assert "130" in ran.stdout


def test_wrong_usage(project: Path) -> None:
    assert run(project, "generat").returncode == 2


def test_a_closed_pipe_is_no_traceback(project: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = run(project, "explain", "Lamp", stdout=writing)
    finally:
        os.close(writing)
    assert ran.returncode == 2
    assert ran.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_output_is_no_traceback(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = run(project, "lint", stdout=full.fileno())
    assert ran.returncode == 2
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(("command", "status"), [("lint", 0), ("generate", 0), ("check", 1)])
def test_without_an_output_the_status_tells(project: Path, command: str, status: int) -> None:
    argv = [sys.executable, "-m", "nimnet_gen", command]
    ran = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *argv],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (status, "")


def test_nothing_heavy_is_loaded_for_lint(project: Path) -> None:
    code = (
        "import sys; from nimnet_gen.cli import main; main(['lint']); "
        "sys.exit(not {'jinja2', 'nimnet_gen.plan.targets'}.isdisjoint(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT / "generator")},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0


def test_targets_are_switched_on_by_the_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(LIGHTS, tmp_path, dirs_exist_ok=True)
    for targets, folders in (
        (["package", "reference"], {"lamps", "reference"}),
        (["package", "tests"], {"lamps", "conformance"}),  # what nothing gives any more goes
        (["package"], {"lamps"}),
    ):
        configure(tmp_path, spec="spec", targets=targets)
        assert main(["--root", str(tmp_path), "generate"]) == 0
        assert main(["--root", str(tmp_path), "check"]) == 0
        written = {file.parent.name for file in (tmp_path / "generated").rglob("*.*")}
        assert written - {"generated"} == folders, capsys.readouterr().out
