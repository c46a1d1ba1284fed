from nimnet_effects import raises


@raises(OSError, timeout=ValueError)
def fetch(host: str, timeout: float | None = None) -> bytes:
    if timeout is None:
        raise OSError
    raise ValueError


@raises(OSError)
def left_out(host: str) -> None:
    fetch(host)
    fetch(host=host)


@raises(OSError)
def at_its_default(host: str) -> None:
    fetch(host, None)
    fetch(host, timeout=None)


@raises(OSError)
def given(host: str, seconds: float) -> None:
    fetch(host, 1.5)  # E: "fetch" may raise "ValueError"
    fetch(host, timeout=seconds)  # E: "fetch" may raise "ValueError"
    fetch(timeout=seconds, host=host)  # E: "fetch" may raise "ValueError"


@raises(OSError, ValueError)
def given_and_declared(host: str) -> None:
    fetch(host, 2)


@raises(OSError)
def perhaps_given(host: str, seconds: float | None) -> None:
    fetch(host, seconds)  # E: "fetch" may raise "ValueError"
