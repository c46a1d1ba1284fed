from cases.calls import look_up
from cases.helpers.changed_cycle import first


def helper() -> str:
    return look_up(first.name())
