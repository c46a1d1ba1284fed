"""How many connections a process may have."""

import resource


def allow_many() -> int:
    """Asks the system for as many descriptors as this process may have; returns the number."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
