import builtins
import queue
from nimnet_effects import raises
from cases.requiring.naming import errors


@raises(errors.OuterError, errors.OuterError.InnerError)
def outer() -> None: ...


@raises(errors.TimeoutError)
def times_out() -> None: ...


@raises(builtins.TimeoutError, queue.Empty)
def of_python() -> None: ...


@raises(OSError, timeout=(KeyError, ValueError))
def given(timeout: int = -1) -> None: ...


@raises(number=ValueError)
def needed(number: int) -> None: ...
