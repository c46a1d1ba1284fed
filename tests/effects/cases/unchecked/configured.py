from nimnet_effects import raises


class Fatal(Exception):
    pass


class Worse(Fatal):
    pass


class NotFatal(Exception):
    pass


@raises()
def fatal() -> None:
    raise Fatal


@raises()
def subclass(flag: bool) -> None:
    if flag:
        raise Worse
    raise NotFatal  # E: "NotFatal"
