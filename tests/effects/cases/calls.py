"""What the cases call: it is known of each what it raises."""

from nimnet_effects import raises


@raises(OSError)
def read(size: int = 1) -> bytes:
    raise OSError(size)


@raises(KeyError)
def look_up(name: str) -> str:
    raise KeyError(name)


@raises(ValueError)
def parse(text: str) -> int:
    raise ValueError(text)


@raises()
def quiet() -> int:
    return 1
