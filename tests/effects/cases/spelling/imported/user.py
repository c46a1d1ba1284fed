from cases.calls import read
from cases.spelling.imported import names
from cases.spelling.imported.names import caller, fresh, made, nothing
from nimnet_effects import raises


@nothing  # E: this declaration cannot be read: write @raises(...) ... at the top of the same module
def imported() -> None:
    read()


@names.nothing  # E: this declaration cannot be read
def of_a_module() -> None:
    read()


@fresh()  # E: this declaration cannot be read
def made_by_a_function() -> None:
    read()


@made["nothing"]  # E: this declaration cannot be read
def looked_up() -> None:
    read()


@raises() if made else raises(OSError)  # E: this declaration cannot be read
def on_a_condition() -> None:
    read()


@raises()
def asks_what_is_declared_by_a_name() -> None:
    caller()
