"""Codes of colors, as bytes."""


def parse_code(text: str) -> bytes:
    """Read a code."""
    code = bytes.fromhex(text)
    if len(code) not in (3, 6):
        raise ValueError("a code has 3 or 6 bytes")
    return code


def format_code(code: bytes) -> str:
    """Write a code."""
    return code.hex()
