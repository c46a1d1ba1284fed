from nimnet_effects import raises


@raises(OSError)
def parameter(error: ConnectionError) -> None:
    raise error


@raises()
def undeclared_parameter(error: ConnectionError) -> None:
    raise error  # E: "ConnectionError"


@raises(KeyError)
def either(error: KeyError | OSError) -> None:
    raise error  # E: "OSError"


@raises()
def narrowed(error: Exception) -> None:
    if isinstance(error, KeyError):
        raise error  # E: "KeyError"


@raises(ValueError)
def local() -> None:
    error = ValueError("a")
    error.add_note("more")
    raise error


@raises()
def class_in_a_variable(kind: type[OSError]) -> None:
    raise kind("a")  # E: "OSError"


@raises(OSError)
def declared_class_in_a_variable(kind: type[OSError]) -> None:
    raise kind


class Holder:
    error: ValueError | None = None

    @raises()
    def raises_it(self) -> None:
        if self.error is not None:
            raise self.error  # E: "ValueError"
