from contextlib import closing, nullcontext

from cases.calls import read
from nimnet_effects import raises


class Connection:
    def close(self) -> None:
        read()


@raises()
def closes(connection: Connection) -> None:
    with closing(connection):  # E: "Connection.close" may raise "OSError"
        pass


@raises(OSError)
def closes_and_declares(connection: Connection) -> None:
    with closing(connection) as same:
        print(same)


@raises()
def does_nothing() -> None:
    with nullcontext(1):
        pass

