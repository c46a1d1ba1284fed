from nimnet_effects import Declaration, raises

nothing = raises()
made = {"nothing": raises()}


def fresh() -> Declaration:
    return raises()


@nothing
def caller() -> None:
    print()
