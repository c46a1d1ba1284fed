"""What a type checker says of calls that it must accept, and of those that it must refuse."""

from pathlib import Path

from nimnet_gen.testing.typed_calls import faults

ROOT = Path(__file__).parents[1]


def test_calls_are_typed_as_specified(tmp_path: Path) -> None:
    assert faults(ROOT / "generated" / "conformance", ROOT / "pyproject.toml", tmp_path) == []
