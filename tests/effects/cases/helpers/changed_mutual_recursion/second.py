from cases.calls import look_up
from cases.helpers.changed_mutual_recursion import first


def go(n: int) -> str:
    first.go(n)
    return look_up("a")
