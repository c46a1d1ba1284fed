class Manager:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass
