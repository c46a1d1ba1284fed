"""A mail server made of aiosmtpd, as a program: STARTTLS, one account, messages on its output.

    python mail_server.py CERTIFICATE KEY WAYS

WAYS are the ways to log in that it has, such as `PLAIN,LOGIN`. It wants TLS before anything else,
and then the user `anna` with the password `secret`. It prints its port, and a line of JSON for each
message that it has received. Who is `nobody` receives none.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "anna", "secret"
WAYS = ("PLAIN", "LOGIN")


class Mailbox:
    """What becomes of messages, in the words of aiosmtpd."""

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuses one recipient, and accepts all others."""
        del server, session, options
        if address.startswith("nobody@"):
            return "550 5.1.1 there is nobody"
        envelope.rcpt_tos.append(address)
        return "250 well"

    async def handle_DATA(  # noqa: N802  # likewise
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Prints a message."""
        del server
        assert isinstance(envelope.content, bytes)
        message = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode("latin-1"),
            "tls": session.ssl is not None,
        }
        print(json.dumps(message), flush=True)
        return "250 received"


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    """Says whether it is the one account that there is."""
    del server, session, envelope
    known = LoginPassword(USER.encode(), PASSWORD.encode())
    print(f"login by {mechanism}", flush=True)
    return AuthResult(success=data == known, handled=False)


async def serve(cert_file: str, key_file: str, ways: list[str]) -> None:
    """Serves until it is ended."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert_file, key_file)
    handler = Mailbox()

    def accepted() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.example",
            tls_context=context,
            require_starttls=True,
            authenticator=authenticate,
            auth_required=True,
            auth_exclude_mechanism=[way for way in WAYS if way not in ways],
        )

    server = await asyncio.get_running_loop().create_server(accepted, "127.0.0.1", 0)
    print(f"listening on port {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    certificate, key, offered = sys.argv[1:]
    asyncio.run(serve(certificate, key, offered.split(",")))
