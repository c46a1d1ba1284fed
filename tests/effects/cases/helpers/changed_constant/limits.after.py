LIMIT = 11


def double(n: int) -> int:
    return n + n
