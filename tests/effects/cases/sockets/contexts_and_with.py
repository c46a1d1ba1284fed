import nimnet
from nimnet import Port, Socket, SslError, raises


@raises()
def leaves_with(s: Socket) -> None:
    with s:  # E: "Socket.__exit__" may raise "OSError"
        s.is_ssl()


@raises(OSError, SslError)
def dials() -> bytes:
    with nimnet.dial("a", PORT) as s:
        return s.recv(1)


PORT = Port(80)


@raises(OSError)
def contexts(s: Socket) -> None:
    context = nimnet.new_context()  # E: "new_context" may raise "SslError"
    context.wrap_socket(s)  # E: "SslContext.wrap_socket" may raise "SslError"
    context.destroy_context()


@raises()
def properties(context: nimnet.SslContext, s: Socket) -> None:
    context.session_id_context
    context.session_id_context = "a"  # E: "SslContext.session_id_context" may raise "SslError"
    s.closed


@raises(OSError, SslError)
def operator(s: Socket) -> None:
    s &= b"a"


@raises()
def operator_undeclared(s: Socket) -> None:
    s &= b"a"  # E: "Socket.__iand__" may raise "OSError" and "SslError"
