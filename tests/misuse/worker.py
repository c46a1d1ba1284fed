"""The process that makes the calls: one share of all forms, with a peer of its own.

Names are looked up here alone: what a call is to be refused for must not depend on a network. It
works in a folder of its own, which takes what is bound to a path, and its memory is bounded, so
that a size that is believed is an error and no burden to the machine.
"""

from __future__ import annotations

import _socket
import contextlib
import faulthandler
import json
import os
import resource
import socket
import sys
import tempfile
from typing import Any, Final

from injection.peer import Peer

_MEMORY: Final = 4 << 30
_STUCK: Final = 600
"""Seconds for a form, after which a worker ends that a signal does not reach either."""


def main(arguments: list[str]) -> int:
    """Makes the calls of every COUNTth form from the NUMBERth on; returns the exit status.

    Args:
        arguments: NUMBER, COUNT, `quick` or `whole`, and parts of the names of what to call.
    """
    number, count, extent, *wanted = arguments
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    peer = Peer()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _look_up_here_alone()
    from misuse.attempts import Attempts
    from misuse.surface import targets

    attempts = Attempts(peer, whole=extent == "whole")
    chosen = [
        target for target in targets() if not wanted or any(one in target.label for one in wanted)
    ]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for target in chosen[int(number) :: int(count)]:
            faulthandler.dump_traceback_later(_STUCK, exit=True)
            answers.write(json.dumps(attempts.of(target).to_json()) + "\n")
            answers.flush()
    faulthandler.cancel_dump_traceback_later()
    peer.stop()
    return 0


def _look_up_here_alone() -> None:
    """Has all names but `localhost` be unknown."""
    ask: Any = _socket.getaddrinfo

    def look_up(host: str | bytes | None, *args: Any) -> Any:
        *rest, flags = args
        if host not in ("localhost", b"localhost"):
            flags |= socket.AI_NUMERICHOST
        return ask(host, *rest, flags)

    _socket.getaddrinfo = look_up  # type: ignore[assignment]  # it takes what the runtime gives


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
