class Client:
    class ClosedError(Exception):
        def explain(self) -> None:  # E: must declare what it raises: @raises(Exception)
            raise Client.ClosedError

    def send(self) -> None:  # E: must declare what it raises: @raises(ClosedError)
        raise self.ClosedError


def send(client: Client) -> None:  # E: must declare what it raises: @raises(Client.ClosedError)
    client.send()


def local() -> None:  # E: must declare what it raises: @raises(LookupError)
    class OwnError(LookupError):
        pass

    raise OwnError


def group() -> None:  # E: must declare what it raises: @raises(ExceptionGroup)
    raise ExceptionGroup("", [OSError()])
