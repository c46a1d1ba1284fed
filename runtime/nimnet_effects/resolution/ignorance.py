"""How much of what a function without source does is known all the same.

Much of the standard library only computes: it raises exceptions of its own, and no `OSError`.
"""

from __future__ import annotations

from typing import Final

from nimnet_effects.ir import Ignorance

COMPUTING: Final = frozenset(
    (
        "_collections_abc",
        "_thread",
        "_typeshed",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "builtins",
        "codecs",
        "collections",
        "contextlib",
        "contextvars",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "ipaddress",
        "itertools",
        "json",
        "logging",
        "math",
        "numbers",
        "operator",
        "queue",
        "random",
        "re",
        "secrets",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "threading",
        "time",
        "traceback",
        "types",
        "typing",
        "typing_extensions",
        "unicodedata",
        "urllib.parse",
        "uuid",
        "warnings",
        "weakref",
        "zlib",
    )
)
"""Modules of the standard library that ask nothing of the system that could be refused."""
_NOT_COMPUTING: Final = frozenset(
    (
        "builtins.__import__",
        "builtins.compile",
        "builtins.eval",
        "builtins.exec",
        "builtins.input",
        "builtins.open",
        "builtins.print",
        "json.dump",
        "json.load",
    )
)


def ignorance_of(fullname: str, module: str) -> Ignorance:
    """What a function without source, and without a contract, may do."""
    if fullname in _NOT_COMPUTING or fullname.endswith(".__call__"):
        # What is called as a function stands for one that it was given.
        return Ignorance.ANYTHING
    if module in COMPUTING or module.partition(".")[0] in COMPUTING:
        return Ignorance.COMPUTATION
    return Ignorance.ANYTHING
