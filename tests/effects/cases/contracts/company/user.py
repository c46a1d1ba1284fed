from cases.contracts.company import library
from cases.contracts.company.library import Client, ClientError, convert
from nimnet_effects import raises


@raises()
def undeclared(client: Client) -> None:
    Client("a")  # E: may raise "OSError"
    client.fetch()  # E: "Client.fetch" may raise "ClientError"
    client.state  # E: "Client.state" may raise "ClientError"
    Client.default()  # E: "Client.default" may raise "OSError"
    Client.check("a")  # E: "Client.check" may raise "ValueError"


@raises(OSError, ClientError, ValueError)
def declared(client: Client) -> None:
    Client("a").fetch()
    client.state
    client.default()
    client.check("a")


@raises()
def forms() -> None:
    convert(1)  # E: "convert" may raise "OverflowError"
    convert("a")  # E: "convert" may raise "ValueError"


@raises(ClientError)
def timeouts(client: Client, seconds: float) -> None:
    client.fetch()
    client.fetch(None)
    client.fetch(timeout=None)
    client.fetch(1.5)  # E: "Client.fetch" may raise "TimeoutError"
    client.fetch(timeout=seconds)  # E: "Client.fetch" may raise "TimeoutError"


@raises()
def limits(n: int) -> None:
    library.close()
    library.close(-1)
    library.close(limit=-1)
    library.close(n)  # E: "close" may raise "TimeoutError"
    library.harmless()


class Special(Client):
    def fetch(self, timeout: float | None = None) -> bytes:  # E: "Special.fetch" may raise "KeyError", which "Client.fetch" does not declare
        raise KeyError


@raises()
def inherited(special: Special) -> None:
    special.state  # E: "Client.state" may raise "ClientError"


# Only those that a package ships are of one mind: these may be of functions of several.
@raises()
def not_told_apart() -> None:
    try:
        Client("a")  # E: "Client" may raise "TimeoutError"
    except TimeoutError:
        raise
    except OSError:
        pass
