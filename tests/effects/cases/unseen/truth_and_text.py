from cases.calls import look_up, read
from nimnet_effects import raises


class Value:
    def __bool__(self) -> bool:
        return bool(read())

    def __format__(self, spec: str) -> str:
        return look_up(spec)


@raises()
def by_statements(value: Value) -> str:
    # What truth tests and f-strings call by themselves is not looked at.
    if value and not value:
        return ""
    return f"{value}"
