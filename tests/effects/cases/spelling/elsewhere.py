from cases.calls import read
from nimnet_effects import raises

nothing = raises()


def helper() -> None:
    read()


called = raises()(helper)  # E: a declaration counts as a decorator alone: write it over the function
named = nothing(helper)  # E: a declaration counts as a decorator alone


def inside() -> None:
    nothing(helper)()  # E: a declaration counts as a decorator alone


# What is not applied says nothing.
unused = raises(OSError)
many = [raises(), raises(OSError)]
