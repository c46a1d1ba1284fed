"""A chat over TLS: one thread for each client, nicknames, and an end that everybody hears of.

    python examples/chat_server.py 6697 --cert server.pem --key server.key
    openssl s_client -quiet -connect localhost:6697

Whatever a client does, or its network, ends its own conversation and nothing else. That is what
`@raises()` says of the functions that threads run, and mypy checks it with the plugin of nimnet: an
exception that one of them let out would end its thread and be heard of by nobody.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import threading

import nimnet
from nimnet import OPT_REUSE_ADDR, Port, Socket, SslError, raises

HANDSHAKE = 10_000
"""Milliseconds."""
IDLE = 600_000
"""Milliseconds after which a client that says nothing is asked to leave."""
SLOWEST = 2_000
"""Milliseconds that a client may take to receive a line, while all others wait."""
LONGEST_LINE = 1_000
"""Bytes, its end included."""
BREATH = 0.2
"""Seconds to wait when the system has no descriptor for a client, or the like."""
STOPPING = (signal.SIGINT, signal.SIGTERM)


class NicknameError(Exception):
    """A nickname that a client cannot have; the reason is for people."""


class Leaving(Exception):  # noqa: N818  # it is no error
    """A client wants to leave, or has to; the reason is for the others."""


class Room:
    """Who is there. Its methods are called from the threads of all clients."""

    @raises()
    def __init__(self) -> None:
        """Opens an empty room."""
        self._members: dict[str, Socket] = {}
        self._lock = threading.Lock()

    @raises(NicknameError)
    def join(self, nickname: str, connection: Socket) -> None:
        """Lets a client in, under a name that nobody else has."""
        if not re.fullmatch(r"\w{1,20}", nickname):
            raise NicknameError("a nickname is 1 to 20 letters, digits and underscores")
        with self._lock:
            if nickname.casefold() in map(str.casefold, self._members):
                raise NicknameError(f"{nickname} is there already")
            self._members[nickname] = connection
        self.say(f"* {nickname} is here")

    @raises()
    def leave(self, nickname: str, connection: Socket, reason: str) -> None:
        """Lets a client out, if it is still there."""
        if self._removed(nickname, connection):
            self.say(f"* {nickname} has left: {reason}")

    @raises()
    def names(self) -> list[str]:
        """Returns who is there, in order."""
        with self._lock:
            return sorted(self._members)

    @raises()
    def say(self, text: str) -> None:
        """Sends a line to everybody; who does not take it in time is out, which is said as well."""
        lines = [text]
        while lines:
            line = lines.pop(0)
            print(line, flush=True)
            with self._lock:
                members = list(self._members.items())
            for nickname, connection in members:
                try:
                    tell(connection, line)
                except (OSError, SslError) as error:
                    hang_up(connection)  # which wakes the thread that reads from it
                    if self._removed(nickname, connection):
                        lines.append(f"* {nickname} has left: {error}")

    @raises()
    def _removed(self, nickname: str, connection: Socket) -> bool:
        """Takes a client from the members; somebody else may have its nickname by now."""
        with self._lock:
            if self._members.get(nickname) is not connection:
                return False
            del self._members[nickname]
            return True


@raises(OSError, TimeoutError, SslError)
def tell(connection: Socket, text: str) -> None:
    """Sends a line to one client."""
    connection.send(text.encode() + b"\r\n", timeout=SLOWEST)


@raises(OSError, TimeoutError, SslError, Leaving)
def hear(connection: Socket) -> str:
    """Returns a line of a client, without what is not printable."""
    line = connection.recv_until(b"\n", timeout=IDLE, max_length=LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Leaving("talks too much" if line else "hung up")
    text = line.decode("utf-8", "replace").strip()
    return "".join(character for character in text if character.isprintable())


@raises()
def hang_up(connection: Socket) -> None:
    """Closes a connection that may be beyond closing well."""
    try:
        connection.close()
    except OSError as error:
        print(f"closing failed: {error}", flush=True)


class Server:
    """Serves the clients of a listening socket, each in a thread of its own."""

    @raises()
    def __init__(self, listener: Socket) -> None:
        """Takes the socket, which is TLS's, and is closed with the server."""
        self._listener = listener
        self._room = Room()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._guests: dict[Socket, threading.Thread] = {}

    @raises()
    def run(self) -> None:
        """Serves until `end` is called."""
        while not self._ending.is_set():
            try:
                connection = self._listener.accept()
            except (OSError, SslError) as error:
                if not self._listener.closed:
                    print(f"not accepted: {error}", flush=True)
                    self._ending.wait(BREATH)
                continue
            self._welcome(connection)

    @raises()
    def _welcome(self, connection: Socket) -> None:
        thread = threading.Thread(target=self._serve, args=(connection,))
        with self._lock:
            if not self._ending.is_set():
                self._guests[connection] = thread
                try:
                    thread.start()
                    return
                except RuntimeError as error:
                    print(f"no thread for a client: {error}", flush=True)
                    del self._guests[connection]
        hang_up(connection)

    @raises()
    def _serve(self, connection: Socket) -> None:
        """Serves one client from the handshake to the end, in its own thread."""
        try:
            # A client that is silent here holds up its own thread, and nobody else's.
            connection.handshake(timeout=HANDSHAKE)
            nickname = self._introduced(connection)
            reason = self._conversation(connection, nickname)
            self._room.leave(nickname, connection, reason)
        except (OSError, SslError, Leaving) as error:
            print(f"not introduced: {error}", flush=True)
        hang_up(connection)
        with self._lock:
            self._guests.pop(connection, None)

    @raises(OSError, SslError, Leaving)
    def _introduced(self, connection: Socket) -> str:
        """Asks a client for a nickname until it gives one that it can have."""
        tell(connection, "* your nickname?")
        while True:
            nickname = hear(connection)
            try:
                self._room.join(nickname, connection)
            except NicknameError as error:
                tell(connection, f"* {error}; your nickname?")
            else:
                return nickname

    @raises()
    def _conversation(self, connection: Socket, nickname: str) -> str:
        """Passes on what a client says; returns why it leaves."""
        try:
            while True:
                match hear(connection).split(maxsplit=1):
                    case ["/quit", *words]:
                        tell(connection, "* goodbye")
                        connection.send_eof(timeout=SLOWEST)
                        return " ".join(words) or "goodbye"
                    case ["/who"]:
                        tell(connection, f"* here are {', '.join(self._room.names())}")
                    case []:
                        pass
                    case words:
                        self._room.say(f"<{nickname}> {' '.join(words)}")
        except Leaving as leaving:
            return str(leaving)
        except (OSError, SslError) as error:
            return f"lost ({error})"

    @raises()
    def end(self) -> None:
        """Tells everybody, closes all connections, and returns when all threads have ended."""
        self._ending.set()
        self._room.say("* the server ends here")
        hang_up(self._listener)
        with self._lock:
            guests = list(self._guests.items())
        for connection, _ in guests:
            hang_up(connection)
        for _, thread in guests:
            thread.join()


@raises(OSError, SslError, ValueError)
def listen(listener: Socket, port: int, cert_file: str, key_file: str) -> Port:
    """Lets a socket accept clients, and speak TLS with them; returns its port."""
    context = nimnet.new_context(cert_file=cert_file, key_file=key_file)
    listener.set_sock_opt(OPT_REUSE_ADDR, True)
    listener.bind_addr(Port(port), "127.0.0.1")
    context.wrap_socket(listener)
    listener.listen()
    return listener.get_local_addr()[1]


@raises(RuntimeError)
def serve(listener: Socket) -> None:
    """Serves clients until a signal says that this is enough."""
    server = Server(listener)
    accepting = threading.Thread(target=server.run)
    accepting.start()
    signal.sigwait(STOPPING)
    server.end()
    accepting.join()


@raises()
def main() -> int:
    """Serves until it is interrupted or terminated; the exit status is returned."""
    parser = argparse.ArgumentParser(description="Let people chat over TLS.")
    parser.add_argument("listen", type=int, help="the port to listen on; 0 chooses one")
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    given = parser.parse_args()
    # Before any thread is made: the signal is for `sigwait`, whichever thread it comes to.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        with nimnet.new_socket() as listener:
            port = listen(listener, given.listen, given.cert, given.key)
            print(f"listening on port {port}", flush=True)
            serve(listener)
    except (OSError, SslError) as error:
        print(f"cannot listen: {error}", file=sys.stderr)
        return 1
    except (RuntimeError, ValueError) as error:
        print(f"cannot serve: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
