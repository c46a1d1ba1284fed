from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def first_one_wins() -> None:
    try:
        read()
    except OSError:
        pass
    except Exception:
        raise


@raises()
def later_one_gets_the_rest() -> None:
    try:
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
    except OSError:
        pass
    except Exception:
        raise


@raises()
def handlers_do_not_handle_each_other() -> None:
    try:
        read()
    except OSError:
        look_up("a")  # E: "look_up" may raise "KeyError"
    except KeyError:
        pass
