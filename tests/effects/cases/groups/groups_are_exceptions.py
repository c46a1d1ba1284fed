from nimnet_effects import raises


@raises(ExceptionGroup)
def declared() -> None:
    raise ExceptionGroup("several", [OSError()])


@raises()
def undeclared() -> None:
    raise ExceptionGroup("several", [OSError()])  # E: "ExceptionGroup


@raises(OSError)
def contents_declared() -> None:  # N: declares "OSError"
    # Whoever handles OSError does not handle a group of them.
    raise ExceptionGroup("several", [OSError()])  # E: "ExceptionGroup


@raises()
def handled_as_a_whole() -> None:
    try:
        raise ExceptionGroup("several", [OSError()])
    except ExceptionGroup:
        pass


@raises()
def not_by_its_contents() -> None:
    try:
        raise ExceptionGroup("several", [OSError()])  # E: "ExceptionGroup
    except OSError:
        pass
