import sys

from nimnet_effects import raises


@raises()
def system_exit() -> None:
    raise SystemExit(1)  # E: "SystemExit"


@raises(SystemExit)
def declared_exit() -> None:
    raise SystemExit(1)


@raises()
def no_exception_handles_it() -> None:
    try:
        raise SystemExit(1)  # E: "SystemExit"
    except Exception:
        pass


@raises()
def base_exception_does() -> None:
    try:
        raise SystemExit(1)
    except BaseException:
        pass


@raises()
def function_of_typeshed() -> None:
    # Nobody gave sys.exit a contract.
    sys.exit(1)
