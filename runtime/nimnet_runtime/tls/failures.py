"""What OpenSSL reports, in words that say what happened and, where it helps, what to do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from OpenSSL import SSL

from nimnet_runtime.errors import SslAlertError, SslError, SslNotTlsError
from nimnet_runtime.tls.bindings import errorqueue
from nimnet_runtime.tls.codes import alert_name

_NOT_TLS: Final = "the peer does not speak TLS on this port"
_IDENTITY: Final = "cert_file or cert_data, and key_file or key_data"
_ADVICE: Final = {
    "wrong version number": _NOT_TLS,
    "packet length too long": _NOT_TLS,
    "http request": "the client speaks plain HTTP",
    "https proxy request": "the client speaks plain HTTP to a proxy",
    "unsupported protocol": (
        "the two sides have no version of TLS in common, or this side has neither a certificate"
        f" ({_IDENTITY}) nor a pre-shared key, without which there is no TLS 1.3"
    ),
    "no protocols available": "prot_version and the security level leave no version of TLS",
    "no shared cipher": (
        "the two sides have no cipher suite in common, or this side has neither a certificate"
        f" ({_IDENTITY}) nor a pre-shared key for the client"
    ),
    "no suitable signature algorithm": (
        f"this side has neither a certificate ({_IDENTITY}) that the client accepts nor a"
        " pre-shared key for it"
    ),
    "no suitable key share": "the two sides have no key exchange group in common",
    "no application protocol": "the client offers none of the protocols in alpn",
    "peer did not return a certificate": (
        "the client must send one of an authority that is trusted here; C_VERIFY_NONE asks for none"
    ),
    "psk identity not found": "there is no pre-shared key for the identity",
    "bad psk": "the keys of the two sides differ",
    "binder does not verify": "the keys of the two sides differ",
    "digest check failed": "if keys are pre-shared: those of the two sides differ",
    "decryption failed or bad record mac": "if keys are pre-shared: those of the two sides differ",
}
"""What a reason means, by OpenSSL's text for it."""

_ALERTS: Final = {
    "unknown ca": "the peer does not trust the issuer of this side's certificate",
    "certificate required": f"the peer wants a certificate; pass {_IDENTITY}",
    "bad certificate": "the peer refuses this side's certificate",
    "certificate unknown": "the peer refuses this side's certificate",
    "certificate expired": "this side's certificate has expired",
    "unsupported certificate": "the peer refuses this side's certificate",
    "handshake failure": "no cipher suite, key or certificate that both sides accept",
    "protocol version": "the two sides have no version of TLS in common",
    "unknown psk identity": "the server has no key for the identity",
    "illegal parameter": "if keys are pre-shared: those of the two sides differ",
    "decrypt error": "a signature or a pre-shared key is not what the peer expects",
    "bad record mac": "if keys are pre-shared: those of the two sides differ",
    "no application protocol": "the server speaks none of the protocols in alpn",
    "unrecognized name": "the server does not know the host name",
}
"""What an alert of the peer means, by its name in RFC 8446 section 6."""

NO_REASON: Final = "OpenSSL gave no reason"
_ALERT_BASE: Final = 1000
"""OpenSSL numbers the alerts that arrive from here on (SSL_AD_REASON_OFFSET)."""


def describe(reasons: Sequence[errorqueue.Reason], otherwise: str | None = None) -> str:
    """Puts an error queue into one phrase.

    Args:
        reasons: The queue.
        otherwise: What to say of reasons that nothing better is known of.
    """
    if not reasons:
        return _advised(NO_REASON, otherwise)
    number = reasons[0].number
    if _is_alert(number):
        alert = alert_name(number - _ALERT_BASE).replace("_", " ")
        shown = f"'{alert}'" if alert else str(number - _ALERT_BASE)
        return _advised(f"the peer sent the alert {shown}", _ALERTS.get(alert))
    shown = "; ".join(dict.fromkeys(reason.words() for reason in reasons))
    advice = (_ADVICE[reason.text] for reason in reasons if reason.text in _ADVICE)
    return _advised(shown, next(advice, otherwise))


def _is_alert(number: int) -> bool:
    return _ALERT_BASE <= number < _ALERT_BASE + 256


def _advised(message: str, advice: str | None) -> str:
    return f"{message} ({advice})" if advice else message


def error_for(doing: str, reasons: Sequence[errorqueue.Reason]) -> SslError:
    """Returns the error for what OpenSSL reported while something was done.

    That is an alert of the peer's, or what this side found.
    """
    message = f"{doing}: {describe(reasons)}"
    if not reasons:
        return SslError(message, reason=NO_REASON)
    first = reasons[0]
    if not _is_alert(first.number):
        return SslError(message, reason=first.words())
    number = first.number - _ALERT_BASE
    name = alert_name(number)
    # OpenSSL has no words for what it expects to fail nothing, and for what nobody has defined.
    reason = first.text or name or f"an alert of the unknown number {number}"
    return SslAlertError(message, reason=reason, number=number, name=name)


def not_tls(doing: str, reasons: Sequence[errorqueue.Reason]) -> SslNotTlsError:
    """Returns the error for what OpenSSL reported of a peer that does not speak TLS."""
    reason = reasons[0].words() if reasons else NO_REASON
    return SslNotTlsError(f"{doing}: {describe(reasons, _NOT_TLS)}", reason=reason)


def not_tls_at_all(message: str, reason: str) -> SslNotTlsError:
    """Returns the error for such a peer where OpenSSL has not heard enough to tell."""
    return SslNotTlsError(_advised(message, _NOT_TLS), reason=reason)


def is_refused_certificate(reasons: Sequence[errorqueue.Reason]) -> bool:
    """Tells whether the failure is that of a certificate."""
    return any(reason.text == "certificate verify failed" for reason in reasons)


@contextmanager
def reported(doing: str) -> Iterator[None]:
    """Lets what OpenSSL refuses inside, and nobody has put into words yet, out as `SslError`."""
    try:
        yield
    except errorqueue.OpenSslError as failure:
        raise error_for(f"OpenSSL cannot {doing}", failure.reasons) from None
    except SSL.Error as failure:
        queue = failure.args[0] if failure.args else ()
        reasons = [errorqueue.Reason(0, entry[-1]) for entry in queue]
        raise error_for(f"OpenSSL cannot {doing}", reasons) from None


def describe_last() -> str:
    """Puts what OpenSSL last reported in this thread into words, and forgets it."""
    reasons = errorqueue.take_reasons()
    return describe(reasons) if reasons else "no error reported"
