"""Indexes of extra data: each is given once, and counts for every context of the process."""

from itertools import count

# Without a lock, which a fork or a signal handler could meet: each of the two is touched by one
# call into C alone. A child's indexes go on from its parent's.
_indexes = count()
_given_indexes: set[int] = set()


def get_ssl_context_extra_data_index() -> int:
    """Returns an index that is the caller's own, in every context of this process."""
    index = next(_indexes)
    _given_indexes.add(index)
    return index


def is_extra_data_index(index: int) -> bool:
    """Tells whether `get_ssl_context_extra_data_index` has given `index` to anybody."""
    return index in _given_indexes
