from nimnet_effects import raises


@raises(OSError, timeout=ValueError)
def fetch(host: str, timeout: float | None = None) -> bytes:
    raise OSError if timeout is None else ValueError


@raises(OSError, timeout=ValueError)
def declared_in_the_same_way(host: str, timeout: float | None = None) -> bytes:
    return fetch(host, timeout)


@raises(OSError)
def forgotten(host: str, timeout: float | None = None) -> bytes:
    return fetch(host, timeout)  # E: "fetch" may raise "ValueError"


@raises(OSError, timeout=ValueError)
def not_from_the_parameter(host: str, timeout: float | None = None) -> bytes:
    return fetch(host, 1.5)  # E: "fetch" may raise "ValueError"


def helper(host: str, timeout: float | None = None) -> bytes:
    return fetch(host, timeout)


@raises(OSError)
def through_a_helper() -> None:
    helper("a")
    helper("a", None)
    helper("a", 1.5)  # E: "helper" may raise "ValueError"


@raises(OSError)
def through_declared() -> None:
    declared_in_the_same_way("a")
    declared_in_the_same_way("a", 1.5)  # E: may raise "ValueError"
