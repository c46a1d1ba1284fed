"""Who this side is: its certificate and the private key of it, from files or from memory."""

import os
from collections.abc import Callable
from typing import TypeAlias

from OpenSSL import SSL

from nimnet_runtime.buffers import copied
from nimnet_runtime.errors import SslError, from_below, quoted
from nimnet_runtime.tls import failures
from nimnet_runtime.tls.bindings import contexts, errorqueue
from nimnet_runtime.tls.bindings.pem import Encoded
from nimnet_runtime.tls.files import read_bytes

Password: TypeAlias = bytes | Callable[[], bytes]
"""What opens an encrypted key, or a function that is asked for it; b"" for none."""


class _Keyring:
    """The password of one key: whether it was asked for, and what came of it.

    Attributes:
        answered: Whether there was one to give.
        asked: Whether OpenSSL wanted one, which means that the key is encrypted.
        refusal: What is wrong with the password, in words; None while nothing is.
        error: What the program's function raised.
    """

    __slots__ = ("_password", "answered", "asked", "error", "refusal")

    def __init__(self, password: Password) -> None:
        """Gives `password` when the time comes."""
        self._password = password
        self.asked = False
        self.answered = False
        self.refusal: str | None = None
        self.error: BaseException | None = None

    def ask(self, room: int) -> bytes:
        """See `pem.AskPassword`."""
        self.asked = True
        password = self._password
        if callable(password):
            function: Callable[[], object] = password  # whatever types say: see below
            try:
                returned = function()
            except BaseException as error:
                self.error = from_below(error)
                self.refusal = f"key_password raised {type(error).__name__}"
                return b""
            copy = copied(returned)
            if copy is None:
                self.refusal = f"key_password must return bytes, not {type(returned).__name__}"
                return b""
            password = copy
        if len(password) > room:
            self.refusal = f"key_password has {len(password)} bytes; at most {room} are possible"
            return b""
        self.answered = bool(password)
        return password

    def refused(self, key: str) -> BaseException:
        """Returns what to raise for a refusal, which forgets the program's exception.

        Its traceback knows the call that it was raised in, and with it the key.
        """
        error, self.error = self.error, None
        if error is not None and not isinstance(error, Exception):
            return error  # KeyboardInterrupt is not TLS's to hide
        refused = SslError(f"the private key in {key}: {self.refusal}")
        refused.__cause__ = error
        return refused


def load(
    context: SSL.Context,
    cert_file: str,
    key_file: str,
    cert_data: Encoded,
    key_data: Encoded,
    key_password: Password,
) -> None:
    """Loads this side's certificate, its issuers' and its private key, if there are any.

    Args:
        context: Where to.
        cert_file: PEM file with this side's certificate, then its issuers; "" for none.
        key_file: PEM file with the private key; "" to look where the certificate is.
        cert_data: As `cert_file`, its contents, or in DER.
        key_data: As `key_file`, its contents, or in DER and not encrypted.
        key_password: Opens the key, if it is encrypted.

    Raises:
        OSError: A file is missing or cannot be read, or its name cannot be one.
        SslError: They do not hold what they should, do not belong together, or the key is not to be
            opened.
    """
    for file, data, which in ((cert_file, cert_data, "cert"), (key_file, key_data, "key")):
        if file and data:
            raise SslError(f"{which}_file and {which}_data are two of one: pass either")
    certificate = f"cert_file {quoted(cert_file)}" if cert_file else "cert_data"
    key = f"key_file {quoted(key_file)}" if key_file else "key_data"
    if not (cert_file or cert_data):
        if key_file or key_data:
            raise SslError(f"{key} needs cert_file or cert_data, the certificate of this key")
        if key_password:
            raise SslError(
                "key_password needs a key: pass cert_file or cert_data, and key_file or key_data"
            )
        return
    both = read_bytes("cert_file", cert_file) if cert_file else cert_data
    try:
        if cert_file:
            contexts.load_certificate_file(context, os.fsencode(cert_file))
        else:
            contexts.load_certificates(context, both)
    except errorqueue.OpenSslError as failure:
        form = "PEM form" if cert_file else "PEM or DER form"
        raise SslError(
            f"{certificate} cannot be used as a certificate in {form}:"
            f" {failures.describe(failure.reasons)}"
        ) from None
    if key_file or key_data:
        contents = read_bytes("key_file", key_file) if key_file else key_data
    else:
        contents, key = both, f"{certificate} (without key_file or key_data)"
    _load_key(context, contents, key, certificate, _Keyring(key_password))


def _load_key(
    context: SSL.Context, contents: Encoded, key: str, certificate: str, keyring: _Keyring
) -> None:
    try:
        contexts.load_private_key(context, contents, keyring.ask)
    except errorqueue.OpenSslError as failure:
        reason = failures.describe(failure.reasons)
        if "mismatch" in reason:
            raise _mismatch(key, certificate) from None
        if keyring.refusal is not None:
            raise keyring.refused(key)  # noqa: B904 - it has a cause of its own
        if keyring.asked:
            raise _locked(key, keyring) from None
        raise SslError(
            f"{key} holds no private key in PEM form (nor in DER that is not encrypted): {reason}"
        ) from None
    try:
        context.check_privatekey()
    except SSL.Error:
        raise _mismatch(key, certificate) from None  # a key of another kind than the certificate's


def _locked(key: str, keyring: _Keyring) -> SslError:
    if keyring.answered:
        return SslError(
            f"the private key in {key} is encrypted, and key_password is not its password (or the"
            " key is damaged)"
        )
    return SslError(
        f"the private key in {key} is encrypted: pass key_password, or store it decrypted (openssl"
        " pkey -in FILE -out FILE)"
    )


def _mismatch(key: str, certificate: str) -> SslError:
    return SslError(
        f"the private key in {key} does not belong to the certificate in {certificate} (this side's"
        " own must be the first there)"
    )
