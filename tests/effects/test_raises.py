"""The decorator at run time: nothing happens, but to wrong arguments."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import cast, get_type_hints

import pytest
from nimnet_effects import Declaration, raises


def function() -> None:
    """Something to declare for."""


def test_a_function_stays_what_it_is() -> None:
    before = dict(vars(function))
    for declare in (raises(), raises(OSError, timeout=TimeoutError, other=(KeyError, ValueError))):
        assert declare(function) is function  # type: ignore[raises]  # it declares nothing so
    assert vars(function) == before


def test_a_declaration_is_of_a_class_of_its_own() -> None:
    assert isinstance(raises(OSError), Declaration)


def test_a_class_raises_nothing() -> None:
    with pytest.raises(TypeError, match=r"declares for functions, and Thing is a class"):

        @raises()  # type: ignore[raises]  # mypy would tell as well
        class Thing:
            """Its methods may raise."""


def test_what_it_takes_and_returns_can_be_asked() -> None:
    hints = get_type_hints(raises)
    assert hints["exceptions"] == type[BaseException]
    assert hints["return"] is Declaration


@pytest.mark.parametrize("wrong", [int, "OSError", OSError(), None, (OSError,)])
def test_what_is_no_class_of_exceptions_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"raises\(\) takes classes of exceptions, and .* is none"):
        raises(cast("type[BaseException]", wrong))


@pytest.mark.parametrize("wrong", [int, (OSError, 3), [OSError]])
def test_so_it_is_for_an_argument(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"raises\(timeout=...\) takes classes of exceptions"):
        raises(timeout=cast("type[BaseException]", wrong))


def test_importing_it_loads_nothing_else() -> None:
    code = (
        "import sys; before = {*sys.modules}; import nimnet_effects; print({*sys.modules} - before)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert ast.literal_eval(loaded) - {"__future__"} == {"nimnet_effects"}
