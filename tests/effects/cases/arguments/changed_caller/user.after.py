import time

from cases.arguments.changed_caller.library import Table, numbered, wait
from nimnet_effects import raises


@raises()
def user(table: Table, any_: int) -> None:
    time.sleep(1)
    time.sleep(-1)  # E: "sleep" may raise "ValueError"
    wait(-1)
    wait(5)  # E: "wait" may raise "TimeoutError"
    numbered(-1, 5)
    numbered(5, -1)  # E: "numbered" may raise "ValueError"
    table[5]
    table[any_]  # E: "Table.__getitem__" may raise "ValueError"
