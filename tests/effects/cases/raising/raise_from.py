from cases.calls import read
from nimnet_effects import raises


class ConfigurationError(Exception):
    pass


@raises(ConfigurationError)
def translates() -> None:
    try:
        read()
    except OSError as error:
        raise ConfigurationError("no file") from error


@raises()
def undeclared() -> None:
    try:
        read()
    except OSError as error:
        raise ConfigurationError("no file") from error  # E: "ConfigurationError"


@raises(ConfigurationError)
def hides() -> None:
    try:
        read()
    except OSError:
        raise ConfigurationError from None


@raises(ConfigurationError)
def cause_is_made_by_a_call() -> None:
    raise ConfigurationError from OSError(read())  # E: "read" may raise "OSError"
