from nimnet_effects import raises


@raises()
def declared() -> None:
    pass


async def undeclared() -> None:  # E: "undeclared" is public and must declare
    pass
