import time

from cases.arguments.changed_caller.library import Table, numbered, wait
from nimnet_effects import raises


@raises()
def user(table: Table, any_: int) -> None:
    time.sleep(1)
    wait(-1)
    numbered(-1, 5)
    table[5]
