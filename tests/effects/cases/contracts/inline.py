from nimnet_effects import raises


def settings() -> str:
    return "a"


@raises(LookupError)
def declared() -> str:
    return settings()


@raises()
def undeclared() -> str:
    return settings()  # E: "settings" may raise "LookupError"
