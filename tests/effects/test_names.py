"""Names in the configuration that nothing has: said once, where the module that could is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.checked_project import CheckedProject

TABLE = "\n[tool.nimnet_effects]\n"
SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": """\
from shop.errors import EmptyError as EmptyError


class Basket:
    def take(self, timeout: int = 0) -> None: ...


class Cart(Basket):
    def __init__(self, size: int) -> None: ...

    @property
    def price(self) -> int:
        return 1

    @price.setter
    def price(self, price: int) -> None: ...


def pay(*coins: int, **options: int) -> None: ...


buy = pay
""",
    "shop/errors.py": "class EmptyError(Exception):\n    pass\n",
    "shop/unused.py": "",
    "use.py": "from shop import cart\n\nprint(cart)\n",
}


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Iterator[CheckedProject]:
    project = CheckedProject(tmp_path)
    project.write(SHOP)
    yield project
    if (tmp_path / ".dmypy.json").exists():
        project.end_daemon()


def configure(project: CheckedProject, table: str, **files: str) -> None:
    """Give the project its table, as if there had been none before."""
    text = (project.root / "pyproject.toml").read_text().partition(TABLE)[0]
    project.write({"pyproject.toml": text + TABLE + table, **files})


def functions(**contracts: str) -> str:
    """The table of contracts."""
    lines = [f'"{name}" = {contract}' for name, contract in contracts.items()]
    return "\n".join(["[tool.nimnet_effects.functions]", *lines, ""])


WRONG = {
    "class": (
        'unchecked = ["shop.errors.EmtyError"]\n',
        'pyproject.toml: [tool.nimnet_effects] unchecked: "shop.errors.EmtyError" is unknown: '
        '"shop.errors" has no "EmtyError"; did you mean "EmptyError"?',
    ),
    "builtin": (
        'unchecked = ["builtins.ValuError"]\n',
        'pyproject.toml: [tool.nimnet_effects] unchecked: "builtins.ValuError" is unknown: '
        '"builtins" has no "ValuError"; did you mean "ValueError"?',
    ),
    "no exception": (
        'unchecked = ["shop.cart.Cart"]\n',
        'unchecked: "shop.cart.Cart" is no class of exceptions',
    ),
    "no class": ('unchecked = ["shop.cart.pay"]\n', 'unchecked: "shop.cart.pay" is no class'),
    "function": (
        functions(**{"shop.cart.pya": "{}"}),
        'pyproject.toml: [tool.nimnet_effects.functions]: "shop.cart.pya" is unknown: '
        '"shop.cart" has no "pya"; did you mean "pay"?',
    ),
    "module": (
        functions(**{"shop.crt.pay": "{}"}),
        '"shop.crt.pay" is unknown: "shop" has no "crt"; did you mean "cart"?',
    ),
    "method": (
        functions(**{"shop.cart.Cart.tke": "{}"}),
        '"shop.cart.Cart.tke" is unknown: "shop.cart.Cart" has no "tke"',
    ),
    "inherited method": (
        functions(**{"shop.cart.Cart.take": "{}"}),
        '"shop.cart.Cart.take" is defined elsewhere: its full name is "shop.cart.Basket.take"',
    ),
    "parameter": (
        functions(**{"shop.cart.Basket.take": "{given = {tmeout = {raises = []}}}"}),
        '"shop.cart.Basket.take" has no parameter "tmeout"; did you mean "timeout"?',
    ),
    "parameter of a constructor": (
        functions(**{"shop.cart.Cart": "{given = {length = {raises = []}}}"}),
        '"shop.cart.Cart" has no parameter "length"',
    ),
    "starred parameter": (
        functions(**{"shop.cart.pay": "{given = {options = {raises = []}}}"}),
        '"shop.cart.pay" has no parameter "options"',
    ),
    "exception of a contract": (
        functions(**{"shop.cart.pay": '{raises = ["builtins.OSErrr"]}'}),
        'pyproject.toml: [tool.nimnet_effects.functions]: ["shop.cart.pay"]: "builtins.OSErrr" is '
        'unknown: "builtins" has no "OSErrr"; did you mean "OSError"?',
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_name_that_nothing_has_ends_the_run(project: CheckedProject, kind: str) -> None:
    table, complaint = WRONG[kind]
    # There is a cache in which all was right.
    assert project.mypy("use.py") == []
    configure(project, table)
    for _ in range(2):
        (said,) = project.mypy("use.py")
        assert said.startswith("nimnet_effects: error: pyproject.toml: [tool.nimnet_effects")
        assert complaint in said
    configure(project, "")
    assert project.mypy("use.py") == []


@pytest.mark.parametrize("kind", ["class", "builtin", "parameter"])
def test_without_a_cache_one_module_tells(project: CheckedProject, kind: str) -> None:
    table, complaint = WRONG[kind]
    configure(project, table)
    (said,) = project.cold("use.py")
    assert " error: nimnet_effects cannot use pyproject.toml: [tool" in said
    assert complaint in said
    # The daemon keeps no cache, either; and what is wrong stays so until it is mended.
    for _ in range(2):
        assert project.daemon("use.py") == [said]
    project.replace("shop/cart.py", "buy = pay", "buy = pay\nsell = pay")
    assert project.daemon("use.py") == [said]
    assert project.python("-m", "nimnet_effects", "use.py").returncode == 2


def test_the_command_could_not_look(project: CheckedProject) -> None:
    configure(project, WRONG["class"][0])
    for cache in ("", "cache_dir = '/dev/null'\n"):
        project.replace("pyproject.toml", "strict = true\n", f"strict = true\n{cache}")
        assert project.python("-m", "nimnet_effects", "use.py").returncode == 2


def test_a_file_of_contracts_is_named(project: CheckedProject) -> None:
    contract = 'format = 1\n["shop.cart.pya"]\nraises = []\n'
    configure(project, 'contracts = ["c.toml"]\n', **{"c.toml": contract})
    (said,) = project.mypy("use.py")
    assert said.startswith('nimnet_effects: error: c.toml: "shop.cart.pya" is unknown')


def test_all_that_is_wrong_of_a_module_is_said_at_once(project: CheckedProject) -> None:
    configure(project, 'unchecked = ["shop.errors.A", "shop.errors.B"]\n')
    assert len(project.mypy("use.py")) == 2


RIGHT = """\
unchecked = ["shop.errors.EmptyError", "shop.cart.EmptyError", "builtins.IOError", "socket.error"]

[tool.nimnet_effects.functions]
"shop.cart.pay" = {raises = ["builtins.EnvironmentError"]}
"shop.cart.buy" = {}
"shop.cart.Cart" = {given = {size = {raises = ["builtins.ValueError"]}}}
"shop.cart.Cart.price" = {}
"shop.cart.Cart.price.setter" = {raises = ["shop.errors.EmptyError"]}
"shop.cart.Basket.take" = {given = {timeout = {raises = ["builtins.OSError"]}}}
"builtins.int" = {given = {base = {raises = ["builtins.ValueError"]}}}
"builtins.dict.pop" = {raises = ["builtins.KeyError"]}
"""
NOT_PART_OF_THE_RUN = """\
unchecked = ["elsewhere.Error", "shop.unused.Error", "json.decoder.Error", "a.b.c.D"]

[tool.nimnet_effects.functions]
"shop.unused.nothing" = {raises = ["shop.unused.NoError"]}
"json.lods" = {}
"winreg.no" = {}
"os.startfile" = {}
"sys.getwindowsversion" = {}
"""


@pytest.mark.parametrize("table", [RIGHT, NOT_PART_OF_THE_RUN])
def test_what_is_right_or_not_to_be_known_is_not_spoken_of(
    project: CheckedProject, table: str
) -> None:
    configure(project, table)
    for run in (project.mypy, project.mypy, project.cold, project.daemon):
        assert run("use.py") == []


def test_a_name_that_goes_away_is_told(project: CheckedProject) -> None:
    configure(project, RIGHT)
    assert project.mypy("use.py") == []
    assert project.rechecked("use.py") == set()
    project.replace("shop/errors.py", "EmptyError", "VoidError")
    project.replace("shop/cart.py", "EmptyError as EmptyError", "VoidError as EmptyError")
    (first, *_) = project.mypy("use.py")
    assert '"shop.errors" has no "EmptyError"' in first
    # Of a part of the project, other parts may still be told.
    project.write({"alone.py": "import shop.errors\n"})
    assert '"shop.errors" has no "EmptyError"' in project.mypy("alone.py")[0]
    project.write({"alone.py": "import shop\n"})
    assert project.mypy("alone.py") == []
