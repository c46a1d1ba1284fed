"""Numbers of the system."""

AF_INET: int = 2
