"""The build hook: what it makes of sources before mypyc compiles them, and of mypyc's after."""

import ast
import os
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from importlib.metadata import requires as required_by
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SOURCE = """
def fail(how):
    try:
        {}["ü"]
    except KeyError as error:
        if how == "none": raise ValueError("ü") from None
        if how == "cause":
            raise ValueError(
                "ü"
            ) from error
        if how == "chosen":
            raise (
                ValueError("ü")
                if how
                else TypeError()
            ) from error.__cause__
        if how == "two":
            try: raise ValueError("1") from None
            except ValueError as own: raise ValueError("ü") from own  # the last of all
        if how == "plain":
            raise ValueError("ü")
        raise
"""


def raised(source: str, how: str) -> tuple[type[BaseException], str, str, bool]:
    """What is raised there: its kind, its message, its cause, and whether its context is told."""
    namespace: dict[str, object] = {}
    exec(compile(source, "source", "exec"), namespace)
    call = namespace["fail"]
    assert callable(call)
    with pytest.raises((ValueError, KeyError)) as caught:
        call(how)
    error = caught.value
    return type(error), str(error), repr(error.__cause__), error.__suppress_context__


@pytest.mark.parametrize("how", ["none", "cause", "chosen", "two", "plain", "again"])
def test_errors_keep_their_causes(how: str) -> None:
    made = runpy.run_path(str(ROOT / "hatch_build.py"))["with_causes"](SOURCE)
    assert " from " not in made
    assert made.count("\n") == SOURCE.count("\n")
    assert made.splitlines()[-1] == SOURCE.splitlines()[-1]
    assert raised(made, how) == raised(SOURCE, how)


def test_it_changes_no_line_of_the_runtime() -> None:
    with_causes = runpy.run_path(str(ROOT / "hatch_build.py"))["with_causes"]
    for path in (ROOT / "runtime").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        made = with_causes(source)
        compile(made, str(path), "exec")
        assert len(made.splitlines()) == len(source.splitlines())


WRITTEN = """
    {"recv", (PyCFunction)CPyPy_recv,
     METH_FASTCALL, PyDoc_STR("recv(self, size, timeout)\\n--\\n\\n")},
    static const char * const kwlist[] = {"size", "timeout", 0};
    static CPyArg_Parser parser = {"OO:recv", kwlist, 0};
"""


def test_methods_are_documented_in_every_locale(tmp_path: Path) -> None:
    method = 'def recv(self, {}) -> bytes:\n    """Reads of straße.de."""\n'
    (tmp_path / "quick.py").write_text(method.format("size, /, timeout"), encoding="utf-8")
    (tmp_path / "face.py").write_text(method.format("size, timeout=-1"), encoding="utf-8")
    (tmp_path / "c").mkdir()
    made = tmp_path / "c" / "__native_quick.c"
    made.write_text(WRITTEN, encoding="utf-8")
    code = f"""
import runpy
from pathlib import Path
hook = runpy.run_path({str(ROOT / "hatch_build.py")!r})
hook["document"](Path("quick.py"), Path("face.py"))
"""
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        check=True,
    )
    text = made.read_text(encoding="utf-8")
    assert r"recv($self, size, timeout=-1)\n--\n\nReads of stra\u00dfe.de." in text
    assert 'kwlist[] = {"", "timeout", 0}' in text


def test_every_text_file_has_its_encoding() -> None:
    """One that none is named for has that of the locale, which may be ASCII.

    Ruff's rule (PLW1514) would see fewer of these: those of which it knows that they are paths.
    """
    folders = ("dependencies", "examples", "generated/nimnet", "generator/nimnet_gen", "runtime")
    paths = [ROOT / "hatch_build.py", *(path for each in folders for path in python_in(each))]
    assert [place for path in paths for place in without_encoding(path)] == []


def python_in(folder: str) -> Iterator[Path]:
    return (ROOT / folder).rglob("*.py")


def without_encoding(path: Path) -> Iterator[str]:
    """Where a file is read or written as text, and no encoding is said."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or any(word.arg == "encoding" for word in node.keywords):
            continue
        call = ast.unparse(node.func)
        modes = [
            part.value
            for part in (*node.args, *(word.value for word in node.keywords))
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        opens = call.split(".")[-1] == "open" and call != "os.open"
        if call.endswith((".read_text", ".write_text")) or (
            opens and not any("b" in mode for mode in modes)
        ):
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {call}"


def imported(path: Path) -> Iterator[str]:
    """The packages that a module imports, for its types as well."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def brought(requirements: list[str]) -> set[str]:
    """The distributions that requirements bring, and what those need."""
    found: set[str] = set()
    todo = list(requirements)
    while todo:
        one = Requirement(todo.pop())
        name = canonicalize_name(one.name)
        wanted = one.marker is None or one.marker.evaluate({"extra": ""})
        if wanted and name not in found:
            found.add(name)
            todo += required_by(name) or ()
    return found


def test_an_isolated_build_has_what_is_compiled_by_its_types() -> None:
    hook = runpy.run_path(str(ROOT / "hatch_build.py"))
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    there = brought(build["requires"])
    homes = packages_distributions()
    for package, place in hook["PACKAGES"].items():
        for path in sorted((ROOT / place / package).rglob("*.py")):
            if path.relative_to(ROOT / place).as_posix() in hook["INTERPRETED"]:
                continue
            for name in imported(path):
                if name in sys.stdlib_module_names or name in hook["PACKAGES"]:
                    continue
                assert there & {canonicalize_name(home) for home in homes[name]}, (path, name)
