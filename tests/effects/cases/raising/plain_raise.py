from nimnet_effects import raises


@raises()
def undeclared() -> None:
    raise ValueError("no")  # E: "ValueError"


@raises()
def undeclared_class() -> None:
    raise ValueError  # E: "ValueError"


@raises(ValueError)
def declared() -> None:
    raise ValueError("no")


@raises()
def handled() -> None:
    try:
        raise ValueError
    except ValueError:
        pass
