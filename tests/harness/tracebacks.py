"""What an exception keeps through the frames that it has passed."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType


def views_in_use(error: BaseException) -> list[str]:
    """Names the variables in those frames that are views of memory which something still uses.

    Where such a view ends up in a cycle, CPython before 3.12.7 crashes as it collects that
    (gh-77894). One that is used cannot be released. All others are from now on: nothing that the
    exception came from can go on.
    """
    found: list[str] = []
    for traceback in _tracebacks(error):
        frame = traceback.tb_frame
        for name, value in frame.f_locals.items():
            if type(value) is memoryview and not _release(value):
                found.append(f"{name} in {frame.f_code.co_qualname}")
    return found


def _release(view: memoryview) -> bool:
    try:
        if view.nbytes:  # that of nothing may be everybody's
            view.release()
    except BufferError:
        return False
    except ValueError:
        return True  # it was released before
    return True


def _tracebacks(error: BaseException | None) -> Iterator[TracebackType]:
    while error is not None:
        traceback = error.__traceback__
        while traceback is not None:
            yield traceback
            traceback = traceback.tb_next
        error = error.__cause__ or error.__context__
