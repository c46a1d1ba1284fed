"""What the plugin says of each construct of Python: `# E:` and `# N:` mark what it must say where.

The sources are text, because most of them are wrong on purpose. All are checked in one run of mypy.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from mypy import api

SOURCES = Path(__file__).parent / "constructs"
MODULES = sorted(path.stem for path in SOURCES.glob("*.txt"))
CONFIGURATION = """\
[tool.mypy]
strict = true
plugins = ["nimnet_effects.mypy"]
cache_dir = "cache"

[tool.nimnet_effects.functions]
"builtins.int" = {raises = ["builtins.ValueError"]}
"builtins.list.__getitem__" = {raises = ["builtins.IndexError"]}
"""
MARK = re.compile(r"# ([EN]): (.*?)(?=\s+# [EN]: |$)")
SAID = re.compile(r"(?P<module>\w+)\.py:(?P<line>\d+): (?P<kind>error|note): (?P<text>.*)")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, str, str]]]:
    folder = tmp_path_factory.mktemp("constructs")
    shutil.copytree(SOURCES / "shipped", folder / "shipped")
    (folder / "shipped" / "__init__.txt").rename(folder / "shipped" / "__init__.py")
    for name in MODULES:
        text = (SOURCES / f"{name}.txt").read_text(encoding="utf-8")
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    configuration = folder / "pyproject.toml"
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        output, problems, _ = api.run([f"{name}.py" for name in MODULES])
    assert problems == ""
    found: dict[str, list[tuple[int, str, str]]] = {name: [] for name in MODULES}
    for line in output.splitlines():
        match = SAID.search(line)
        if match is None:
            continue
        text = match["text"]
        if match["kind"] == "note" or text.endswith("  [raises]"):
            kind = "N" if match["kind"] == "note" else "E"
            found[match["module"]].append((int(match["line"]), kind, text))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_says_what_is_marked(module: str, said: dict[str, list[tuple[int, str, str]]]) -> None:
    source = (SOURCES / f"{module}.txt").read_text(encoding="utf-8")
    wanted = [
        (number, kind, text)
        for number, line in enumerate(source.splitlines(), 1)
        for kind, text in MARK.findall(line)
    ]
    remaining = list(said[module])
    missing = []
    for number, kind, text in wanted:
        for each in remaining:
            if each[:2] == (number, kind) and text in each[2]:
                remaining.remove(each)
                break
        else:
            missing.append((number, kind, text))
    assert (missing, remaining) == ([], [])
