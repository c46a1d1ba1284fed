def undeclared() -> None:  # E: "undeclared" is public and must declare
    pass
