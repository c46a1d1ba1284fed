from cases.calls import parse
from cases.helpers.changed_cycle import first


def helper() -> str:
    return str(parse(first.name()))
