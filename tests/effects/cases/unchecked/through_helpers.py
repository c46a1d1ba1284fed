from nimnet_effects import raises


def not_yet() -> None:
    raise NotImplementedError


@raises(NotImplementedError)
def says_so() -> None:
    raise NotImplementedError


@raises()
def callers() -> None:
    not_yet()
    says_so()
