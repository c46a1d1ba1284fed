from cases.calls import read
from nimnet_effects import raises


async def fetch() -> bytes:
    return read()


@raises(OSError)
async def declared() -> bytes:
    return read()


@raises()
async def awaits() -> None:
    await fetch()  # E: "fetch" may raise "OSError"
    await declared()  # E: "declared" may raise "OSError"


@raises(OSError)
async def awaits_and_declares() -> None:
    await fetch()
    await declared()


@raises()
async def handles() -> None:
    try:
        await fetch()
    except OSError:
        pass
