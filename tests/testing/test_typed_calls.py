"""What is said of calls that a type checker takes otherwise than it must."""

from __future__ import annotations

from pathlib import Path

from nimnet_gen.testing.typed_calls import faults

ACCEPTED = "value: int = int('1')\n"
REJECTED = """\
# expect: arg-type "abs"
abs(
    "x"
)
"""


def test_faults(tmp_path: Path) -> None:
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\n", encoding="utf-8")
    accepted = tmp_path / "typing_accepted_numbers.py"
    rejected = tmp_path / "typing_rejected_numbers.py"
    accepted.write_text(ACCEPTED, encoding="utf-8")
    rejected.write_text(REJECTED, encoding="utf-8")
    assert faults(tmp_path, config, tmp_path / "cache") == []

    accepted.write_text(ACCEPTED + "value = ''\n", encoding="utf-8")
    rejected.write_text(REJECTED.replace('"x"', "-1") + "abs(None)\n", encoding="utf-8")
    said = faults(tmp_path, config, tmp_path / "cache")
    assert [":".join(line.split(":")[:2]) for line in said] == [
        "typing_accepted_numbers.py:2",
        "typing_rejected_numbers.py:2",
        "typing_rejected_numbers.py:5",
    ]
    assert said[1].endswith("must have an error [arg-type] about abs, not none")
