"""What is kept between runs: the last text of each name, or nothing."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from nimnet_effects.journal import Journal


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    return tmp_path / "below" / "file"


def test_the_last_text_of_a_name_counts(file: Path) -> None:
    first = Journal(file)
    assert first.get("one") is None
    first.put("one", "of the first")
    first.put("two", "of the first")
    second = Journal(file)
    second.put("one", "of the second")
    second.drop("two")
    second.drop("three")
    # Both write: a name has what was written last, and no line is lost.
    first.put("four", "of the first, later")
    third = Journal(file)
    assert [third.get(name) for name in ("one", "two", "three", "four")] == [
        "of the second",
        None,
        None,
        "of the first, later",
    ]


def test_a_file_with_any_byte_changed_has_nothing(file: Path) -> None:
    journal = Journal(file)
    journal.put("one", "former")
    journal.put("one", "latter")
    journal.put("two", "text")
    data = file.read_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert Journal(file).get("one") is None
        if data[place - 1 : place] != b"\n":
            file.write_bytes(data[:place])
            assert Journal(file).get("one") is None


@pytest.mark.parametrize("data", [b"\n", b"{", b"[]\n", b"\xff\xfe", b"0 \n"])
def test_what_is_no_such_file_is_replaced(file: Path, data: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(data)
    journal = Journal(file)
    assert journal.get("one") is None
    journal.put("one", "text")
    assert Journal(file).get("one") == "text"
    assert list(file.parent.iterdir()) == [file]


def test_a_file_does_not_grow_for_ever(file: Path) -> None:
    sizes = []
    for number in range(40):
        journal = Journal(file)
        journal.put("one", f"{number:04}")
        journal.put("two", f"{number:04}")
        sizes.append(file.stat().st_size)
    assert max(sizes) < 7 * sizes[0]
    assert Journal(file).get("two") == "0039"


@pytest.mark.parametrize("short", [False, True])
def test_what_cannot_be_written_leaves_nothing_of_before(
    file: Path, monkeypatch: pytest.MonkeyPatch, short: bool
) -> None:
    Journal(file).put("one", "former")
    journal = Journal(file)
    assert journal.get("one") == "former"
    with monkeypatch.context() as patched:

        def full(descriptor: int, line: bytes) -> int:
            if short:
                return written(descriptor, line[:5])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        written = os.write
        patched.setattr(os, "write", full)
        journal.put("one", "latter")
    assert journal.get("one") == "latter"
    assert not file.exists()
    # There is room again.
    journal.put("two", "text")
    assert Journal(file).get("one") == "latter"
    assert Journal(file).get("two") == "text"


def test_a_text_that_no_file_can_have_is_known_while_the_process_lives(file: Path) -> None:
    journal = Journal(file)
    journal.put("one", "\udcff")
    assert journal.get("one") == "\udcff"
    assert Journal(file).get("one") is None
