"""The live context of pyOpenSSL: what a program's own callbacks raise, and what it loads there."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeAlias

import pytest
from harness import tlspair
from harness.authority import CLIENT as FOR_CLIENTS
from harness.authority import Authority, Identity, private_pem
from harness.tlspair import CLIENT, PATIENCE, PEER, SERVER
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_PEM, load_certificate

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue()


class Odd(BaseException):
    """No `Exception`, as KeyboardInterrupt is none."""


Fails: TypeAlias = Callable[..., NoReturn]
Sets: TypeAlias = Callable[[SSL.Context, Fails], None]


def failing(error: type[BaseException]) -> Fails:
    def fail(*_: object) -> NoReturn:
        raise error("as the program says")

    return fail


def verify(context: SSL.Context, fail: Fails) -> None:
    context.set_verify(SSL.VERIFY_PEER, fail)


CALLBACKS: dict[str, tuple[int, Sets]] = {
    "verify": (CLIENT, verify),
    "info": (CLIENT, lambda context, fail: context.set_info_callback(fail)),
    "keylog": (CLIENT, lambda context, fail: context.set_keylog_callback(fail)),
    "OCSP client": (CLIENT, lambda context, fail: context.set_ocsp_client_callback(fail)),
    "verify ": (SERVER, verify),
    "info ": (SERVER, lambda context, fail: context.set_info_callback(fail)),
    "keylog ": (SERVER, lambda context, fail: context.set_keylog_callback(fail)),
    "ALPN select": (SERVER, lambda context, fail: context.set_alpn_select_callback(fail)),
    "servername": (SERVER, lambda context, fail: context.set_tlsext_servername_callback(fail)),
    "OCSP server": (SERVER, lambda context, fail: context.set_ocsp_server_callback(fail)),
}
"""By what messages call it: on which side it can be asked, and how it is set."""


def pair_of_contexts(authority: Authority, identity: Identity, version: int) -> list[Context]:
    mine = authority.issue(purposes=[FOR_CLIENTS])
    client = tlspair.context(
        verify=PEER,
        ca_file=authority.ca_file,
        cert_file=mine.cert_file,
        key_file=mine.key_file,
        version=version,
    )
    client.context.set_alpn_protos([b"x"])
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    server.context.load_verify_locations(authority.ca_file)
    return [client, server]


def raised(side: int, contexts: list[Context]) -> BaseException:
    """What the call of one side raises, after the other one has failed as well."""
    client, server = contexts
    with tlspair.ends() as (a, b):

        def shake_hands() -> None:
            try:
                stream = client.client_stream(a.descriptor, "localhost")
                stream._machine.connection.request_ocsp()
                a.secure(client, stream)
                a.handshake(PATIENCE)
                a.reader.receive(1, PATIENCE, 0)
            finally:
                a.close()

        def serve() -> None:
            try:
                server.wrap_connected_socket(b, SERVER, "", PATIENCE)
                b.send(b"x", 0, PATIENCE)
            finally:
                b.close()

        serving = tlspair.in_thread(serve)
        calling = tlspair.in_thread(shake_hands)
        errors = [future.exception(PATIENCE / 1000) for future in (calling, serving)]
    assert isinstance(errors[1 - side], (SslError, OSError)), errors
    error = errors[side]
    assert error is not None, errors
    return error


@pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["tls12", "tls13"])
@pytest.mark.parametrize("callback", CALLBACKS)
def test_what_a_callback_raises_is_the_cause(
    callback: str,
    version: int,
    authority: Authority,
    identity: Identity,
    capfd: pytest.CaptureFixture[str],
) -> None:
    side, set_callback = CALLBACKS[callback]
    contexts = pair_of_contexts(authority, identity, version)
    if callback == "OCSP client":
        contexts[1].context.set_ocsp_server_callback(lambda *_: b"a staple")
    set_callback(contexts[side].context, failing(ValueError))
    for _ in range(2):  # nothing is left for the next connection of the context
        error = raised(side, contexts)
        assert isinstance(error, SslError)
        assert f"the {callback.strip()} callback of the context raised ValueError" in str(error)
        assert isinstance(error.__cause__, ValueError)
        assert str(error.__cause__) == "as the program says"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("callback", CALLBACKS)
def test_what_is_no_exception_comes_out_as_itself(
    callback: str, authority: Authority, identity: Identity, capfd: pytest.CaptureFixture[str]
) -> None:
    side, set_callback = CALLBACKS[callback]
    contexts = pair_of_contexts(authority, identity, tlspair.TLS_1_3)
    if callback == "OCSP client":
        contexts[1].context.set_ocsp_server_callback(lambda *_: b"a staple")
    set_callback(contexts[side].context, failing(Odd))
    assert isinstance(raised(side, contexts), Odd)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("callback", ["ALPN select", "OCSP server"])
def test_what_a_callback_must_not_return(
    callback: str, authority: Authority, identity: Identity
) -> None:
    contexts = pair_of_contexts(authority, identity, tlspair.TLS_1_3)
    _, set_callback = CALLBACKS[callback]
    set_callback(contexts[1].context, lambda *_: "x")  # type: ignore[arg-type]  # it must be bytes
    error = raised(SERVER, contexts)
    assert f"the {callback} callback of the context raised TypeError" in str(error)


def test_callbacks_that_do_as_they_should(authority: Authority, identity: Identity) -> None:
    contexts = pair_of_contexts(authority, identity, tlspair.TLS_1_3)
    asked: list[str] = []

    def told(name: str, answer: object) -> Callable[..., object]:
        def ask(*_: object) -> object:
            asked.append(name)
            return answer

        return ask

    answers = {"verify": True, "ALPN select": b"x", "OCSP server": b"staple", "OCSP client": True}
    for name, (side, set_callback) in CALLBACKS.items():
        callback = told(name.strip(), answers.get(name.strip()))
        set_callback(contexts[side].context, callback)  # type: ignore[arg-type]  # it does return
    with tlspair.ends() as (a, b):
        served = tlspair.in_thread(
            lambda: contexts[1].wrap_connected_socket(b, SERVER, "", PATIENCE)
        )
        stream = contexts[0].client_stream(a.descriptor, "localhost")
        stream._machine.connection.request_ocsp()
        a.secure(contexts[0], stream)
        a.handshake(PATIENCE)
        served.result(PATIENCE / 1000)
        assert stream._machine.connection.get_alpn_proto_negotiated() == b"x"
    assert {*asked} == {name.strip() for name in CALLBACKS}


def test_connections_of_one_context_keep_their_errors_apart(
    authority: Authority, identity: Identity
) -> None:
    """Two handshakes at once: the one whose callback raises fails, and with its own error."""
    client, server = pair_of_contexts(authority, identity, tlspair.TLS_1_3)
    meeting = threading.Barrier(2, timeout=20)
    guilty: list[object] = []

    def verify_one(connection: SSL.Connection, *_: object) -> bool:
        if connection.get_app_data() is None:
            connection.set_app_data(True)
            meeting.wait()
        if not guilty:
            guilty.append(connection)
        if guilty[0] is connection:
            raise ValueError("only here")
        return True

    client.context.set_verify(SSL.VERIFY_PEER, verify_one)
    tries = [tlspair.in_thread(lambda: tlspair.attempt(client, server)) for _ in range(2)]
    told = sorted(each.result(PATIENCE / 1000)[0] for each in tries)
    assert told[0] == ""
    assert "the verify callback of the context raised ValueError" in told[1]


@pytest.mark.parametrize("error", [ValueError, Odd])
def test_a_callback_that_raises_later(
    error: type[BaseException], authority: Authority, identity: Identity
) -> None:
    """Where the handshake is long over, the call that it interrupts fails, and close as well."""
    client, server = pair_of_contexts(authority, identity, tlspair.TLS_1_2)
    later = threading.Event()

    def inform(*_: object) -> None:
        if later.is_set():
            raise error("now")

    client.context.set_info_callback(inform)
    calls: list[tuple[Callable[[Endpoint], object], type[Exception]]] = [
        (lambda a: a.reader.receive(1, PATIENCE, 0), SslError),
        (Endpoint.close, OSError),
    ]
    for call, declared in calls:
        later.clear()
        with tlspair.secured(client, server) as (a, b):
            later.set()
            b.close()  # with the alert that is close_notify
            with pytest.raises(Odd if error is Odd else declared) as caught:
                call(a)
            if error is ValueError:
                assert "the info callback of the context raised ValueError" in str(caught.value)
                assert isinstance(caught.value.__cause__, ValueError)
            a.close()
            assert a.closed


def test_every_callback_of_a_context_is_guarded() -> None:
    """A new one in pyOpenSSL must not be forgotten."""
    elsewhere = {
        "set_passwd_cb": "asked by the loading of a key alone, which raises what it raised",
        "set_cookie_generate_callback": "of DTLS alone",
        "set_cookie_verify_callback": "of DTLS alone",
    }
    live = type(tlspair.context().context)
    takes_one = {
        name
        for name, method in inspect.getmembers(SSL.Context, inspect.isfunction)
        if name.startswith("set_") and "callback" in inspect.signature(method).parameters
    }
    assert takes_one - elsewhere.keys() == {name for name in takes_one if name in vars(live)}
    assert elsewhere.keys() <= takes_one


@pytest.mark.parametrize("callback", CALLBACKS)
def test_what_cannot_be_called(callback: str) -> None:
    with pytest.raises(TypeError, match=f"the {callback.strip()} callback must be a function"):
        CALLBACKS[callback][1](tlspair.context().context, 5)  # type: ignore[arg-type]  # the test


def test_a_connection_of_the_programs_own(identity: Identity) -> None:
    """Its callbacks are pyOpenSSL's, and raise where pyOpenSSL says they do."""
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    server.context.set_alpn_select_callback(failing(ValueError))
    mine, theirs = SSL.Connection(server.context), SSL.Context(SSL.TLS_METHOD)
    theirs.set_alpn_protos([b"x"])
    peer = SSL.Connection(theirs)
    peer.set_connect_state()
    mine.set_accept_state()
    with pytest.raises(SSL.WantReadError):
        peer.do_handshake()
    mine.bio_write(peer.bio_read(1 << 16))
    with pytest.raises(ValueError, match="as the program says"):
        mine.do_handshake()


# Keys and authorities that a program loads there.


def into_store(context: SSL.Context, authority: Authority) -> None:
    store = context.get_cert_store()
    assert store is not None
    store.add_cert(load_certificate(FILETYPE_PEM, Path(authority.ca_file).read_bytes()))


def into_locations(context: SSL.Context, authority: Authority) -> None:
    context.load_verify_locations(authority.ca_file)


def into_folder(context: SSL.Context, authority: Authority) -> None:
    context.load_verify_locations(None, str(Path(authority.ca_file).parent))


@pytest.mark.parametrize("add", [into_store, into_locations, into_folder])
def test_an_authority_that_was_added_is_no_missing_one(
    add: Callable[[SSL.Context, Authority], None],
    identity: Identity,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    client = tlspair.context(verify=PEER)
    assert "no trusted authority was found" in tlspair.attempt(client, server)[0]
    client = tlspair.context(verify=PEER)
    add(client.context, Authority(tmp_path, "another"))
    told, _ = tlspair.attempt(client, server)
    assert "no trusted authority" not in told
    assert "its issuer is not trusted" in told


def test_a_certificate_and_a_key_that_a_program_loads(
    authority: Authority, identity: Identity
) -> None:
    server, client = tlspair.context(), tlspair.context(verify=PEER, ca_file=authority.ca_file)
    for context in (server, client):
        context.context.use_certificate_chain_file(identity.cert_file)
        context.context.use_privatekey_file(identity.key_file)
    server.context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
    assert tlspair.attempt(client, server) == ("", "")


@pytest.mark.filterwarnings("ignore:Context.set_passwd_cb is deprecated:DeprecationWarning")
def test_the_password_callback_of_a_context(identity: Identity, tmp_path: Path) -> None:
    """That files were loaded without a password before does not keep it from being asked."""
    locked = tmp_path / "locked.key"
    locked.write_bytes(private_pem(identity.key, b"secret"))
    for server in (
        tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file),
        tlspair.context(),
    ):
        server.context.set_passwd_cb(lambda *_: b"secret")
        server.context.use_certificate_chain_file(identity.cert_file)
        server.context.use_privatekey_file(str(locked))
        assert tlspair.attempt(tlspair.context(), server) == ("", "")
