from cases.calls import look_up


class Manager:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        look_up("a")
