"""The build hook: what it makes of sources before mypyc compiles them."""

import runpy
from pathlib import Path

import pytest

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
