"""Each program in `examples/` has its tests here, in a file of its name."""

from pathlib import Path

from harness.examples import EXAMPLES


def test_each_program_has_its_tests() -> None:
    programs = {path.stem for path in EXAMPLES.glob("*.py")}
    tested = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    # `make run` ends with the demonstration.
    assert programs == tested - {"each"} | {"loopback"}
