"""The caller's memory: what can be read from it and written to it.

All checks are made before anything is consumed or sent. A view that is made here is another one
than the caller's, and an export of that memory, which cannot be resized or closed meanwhile. An
exception would keep it, through the frames in its traceback: whoever asks for one releases it. No
Python function is called while there is one that nobody releases, because a signal handler might
raise there.
"""

from nimnet_runtime import errors


def copied(value: object) -> bytes | None:
    """Returns the bytes that a function of the caller's has returned; None for what has none.

    Of a number, `bytes` would make as many.
    """
    try:
        return bytes(memoryview(value))  # type: ignore[arg-type]  # that is the question
    except (TypeError, ValueError):  # the latter of a view that was released
        return None


def check_size(size: int) -> None:
    """Refuses a size that no read can have.

    Raises:
        OSError: `EINVAL`, because `size` is negative.
    """
    if size < 0:
        raise errors.invalid(f"size must be 0 or more, not {errors.spelled(size)}")


def check_resizable(data: bytearray) -> None:
    """Refuses a `bytearray` that cannot take a result, before anything is consumed.

    Raises:
        OSError: `EINVAL`, because a memoryview of `data` is still in use.
    """
    length = len(data)
    try:
        bytearray.append(data, 0)  # called like this, another type is a TypeError
    except BufferError:
        raise exported() from None
    finally:
        # Also when a signal handler raises: `data` is unchanged.
        del data[length:]


def exported() -> OSError:
    """Returns the error for a `bytearray` of which a memoryview exists."""
    return errors.invalid("the bytearray cannot be resized: release the memoryviews of it first")


def check_some(size: int) -> None:
    """Refuses a size that has no room for a byte, whose result would look like an end.

    Raises:
        OSError: `EINVAL`, because `size` is 0 or negative.
    """
    if size < 1:
        raise errors.invalid(f"size must be 1 or more, not {errors.spelled(size)}")


def check_buffer(data: memoryview, size: int) -> memoryview:
    """Returns the first `size` bytes of `data` as a writable view of bytes, to be released.

    Raises:
        OSError: `EINVAL`, because `data` is read-only, not contiguous, released or shorter than
            `size`, or because `size` is negative.
    """
    # The quick path, which asks the same; one that was released is no good for it either.
    if type(data) is memoryview:
        try:
            if (
                0 < size <= data.nbytes
                and data.format == "B"
                and data.ndim == 1
                and data.c_contiguous
                and not data.readonly
            ):
                return data[:size]
        except ValueError:
            raise _released() from None
    check_size(size)
    _check_writable(data)
    return first_bytes(data, size)


def check_room(data: memoryview) -> memoryview:
    """Returns all of `data` as a writable view of bytes, to be released.

    Raises:
        OSError: `EINVAL`, because `data` is read-only, not contiguous, released or empty.
    """
    _check_writable(data)
    if not data.nbytes:
        raise errors.invalid("data must have room for at least one byte")
    return as_bytes(data)


def _check_writable(data: memoryview) -> None:
    try:
        if data.readonly or not data.c_contiguous:
            raise errors.invalid("data must be a memoryview of writable, contiguous memory")
    except ValueError:
        raise _released() from None


def as_bytes(data: bytes | bytearray | memoryview) -> memoryview:
    """Returns the bytes of any bytes-like object; copies them only if they are scattered.

    Raises:
        OSError: `EINVAL`, because `data` is a memoryview that was released.
    """
    try:
        view = memoryview(data)
    except ValueError:
        raise _released() from None
    if view.format == "B" and view.ndim == 1 and view.c_contiguous:
        return view
    with view:
        if not view.c_contiguous:
            return memoryview(view.tobytes())
        # What has no bytes in several dimensions cannot be cast.
        return view.cast("B") if view.nbytes else memoryview(bytearray())


def contents(name: str, data: bytes | bytearray | memoryview) -> bytes:
    """Returns the bytes of a setting, which its memory may outlive.

    Raises:
        OSError: `EINVAL`, because it is a memoryview that was released.
    """
    if isinstance(data, bytes):
        return data
    try:
        return bytes(memoryview(data))
    except ValueError:
        raise _released(name) from None


def first_bytes(data: memoryview, size: int) -> memoryview:
    """Returns the first `size` bytes of `data`.

    Raises:
        OSError: `EINVAL`, because there are fewer, or as `as_bytes`.
    """
    check_size(size)
    with as_bytes(data) as view:
        if size > len(view):
            raise errors.invalid(
                f"size must be at most the {len(view)} bytes that data has,"
                f" not {errors.spelled(size)}"
            )
        return view[:size]


def _released(name: str = "data") -> OSError:
    return errors.invalid(f"the memoryview {name} has been released")
