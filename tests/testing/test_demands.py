"""What scenarios demand of their steps: what passes, and what does not."""

from __future__ import annotations

import errno
import time
from socket import gaierror

import pytest
from nimnet_gen.testing.demands import ANY, lasting, raising


class LateError(OSError):
    """An exception that a package derives from one of Python's."""


def test_a_class_stands_for_those_that_python_derives_from_it() -> None:
    for error in (OSError(), ConnectionResetError(), gaierror()):
        with raising(OSError):
            raise error


def test_what_a_package_derives_from_a_class_of_python_s_is_named_itself() -> None:
    with pytest.raises(AssertionError, match=r"LateError\('late'\)"), raising(OSError):
        raise LateError("late")
    with raising(LateError, is_a=[OSError], is_not=[TimeoutError]):
        raise LateError


def test_other_demands() -> None:
    with raising(OSError, message="space", lacks=["secret"], errno=errno.ENOSPC, cause=KeyError):
        raise OSError(errno.ENOSPC, "no space") from KeyError()


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        ({"message": "time"}, "'time' is not in 'no room'"),
        ({"lacks": ["room"]}, "'room' is in 'no room'"),
        ({"cause": KeyError}, "None is the cause, no KeyError"),
        ({"errno": errno.ENOSPC}, "the errno is None, not ENOSPC"),
        ({"is_a": [KeyError]}, "is no KeyError"),
        ({"is_not": [ValueError]}, "is a ValueError"),
    ],
)
def test_what_is_not_met_is_said(demand: dict[str, object], words: str) -> None:
    with pytest.raises(AssertionError, match=words), raising(ValueError, **demand):  # type: ignore[arg-type]  # one of each kind
        raise ValueError("no room")


def test_time_is_demanded_at_both_ends() -> None:
    with lasting((0, 10_000)):
        pass
    with pytest.raises(AssertionError, match="not 5000 to 6000"), lasting((5000, 6000)):
        pass
    with pytest.raises(AssertionError, match="not 0 to 1"), lasting((0, 1)):
        time.sleep(0.01)


def test_any_is_whatever_there_is() -> None:
    assert [ANY, ANY] == [1, None]
    assert repr(ANY) == "ANY"
