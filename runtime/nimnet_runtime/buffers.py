"""The caller's memory: what can be read from it and written to it.

All checks are made before anything is consumed or sent.
"""

from nimnet_runtime import errors


def check_size(size: int) -> None:
    """Refuses a size that no read can have.

    Raises:
        OSError: `EINVAL`, because `size` is negative.
    """
    if size < 0:
        raise errors.invalid(f"size must be 0 or more, not {size}")


def check_resizable(data: bytearray) -> None:
    """Refuses a `bytearray` that cannot take a result, before anything is consumed.

    Raises:
        OSError: `EINVAL`, because a memoryview of `data` is still in use.
    """
    try:
        data.append(0)
    except BufferError:
        raise errors.invalid(
            "the bytearray cannot be resized while a memoryview of it exists; release it first"
        ) from None
    data.pop()


def check_buffer(data: memoryview, size: int) -> memoryview:
    """Returns the first `size` bytes of `data` as a writable view of bytes.

    Raises:
        OSError: `EINVAL`, because `data` is read-only, not contiguous or shorter than `size`.
    """
    check_size(size)
    if data.readonly or not data.c_contiguous:
        raise errors.invalid("data must be a writable, contiguous memoryview")
    if size > data.nbytes:
        raise errors.invalid(f"size must be at most {data.nbytes}, the room in data, not {size}")
    return data.cast("B")[:size]


def as_bytes(data: bytes | bytearray | memoryview) -> memoryview:
    """Returns the bytes of any bytes-like object; copies them only if they are scattered."""
    view = memoryview(data)
    if view.c_contiguous:
        return view if view.format == "B" and view.ndim == 1 else view.cast("B")
    return memoryview(view.tobytes())


def first_bytes(data: memoryview, size: int) -> memoryview:
    """Returns the first `size` bytes of `data`.

    Raises:
        OSError: `EINVAL`, because there are fewer.
    """
    view = as_bytes(data)
    if not 0 <= size <= len(view):
        raise errors.invalid(f"size must be within 0..{len(view)}, the bytes in data, not {size}")
    return view[:size]
