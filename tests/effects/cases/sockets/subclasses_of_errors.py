import nimnet
from nimnet import Socket, SslError, raises


@raises(OSError)
def part_of_tls(s: Socket) -> None:
    try:
        s.handshake()  # E: "Socket.handshake" may raise "SslError"
    except nimnet.SslCertificateError:
        pass


@raises()
def builtin_timeout_is_its_base(s: Socket) -> None:
    try:
        s.recv(1, 500)  # E: "Socket.recv" may raise "OSError"
    except TimeoutError:
        pass
    except SslError:
        pass


@raises(OSError, SslError)
def timeouts_are_told_apart(s: Socket) -> bytes:
    return s.recv(1, 500)  # E: "Socket.recv" may raise "TimeoutError"


@raises(SslError)
def timeout_is_an_oserror_to_who_handles_it(s: Socket) -> bytes:
    try:
        return s.recv(1, 500)
    except OSError:
        return b""


@raises(SslError)
def raises_its_own_kind() -> None:
    raise nimnet.SslCertificateError("no")
