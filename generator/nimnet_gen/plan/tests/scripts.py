"""The peer's script as Python: one construction for each action."""

from __future__ import annotations

from typing import Final

from nimnet_gen.acting.values import data_of
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import Opening, PeerAction
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import Item, call, keyword, quoted
from nimnet_gen.plan.tests.values import bytes_literal

ACTIONS: Final = "harness.actions"


def action(entry: PeerAction, imports: Imports) -> Item:
    """Return the construction of one action, and import its class."""
    name, arguments = _parts(entry)
    imports.name(ACTIONS, name)
    return call(name, arguments)


def _parts(entry: PeerAction) -> tuple[str, list[Item]]:
    """Return the class of an action, and its arguments."""
    match entry:
        case PeerAction(wait_for=str(signal)):
            return "WaitFor", [quoted(signal)]
        case PeerAction(accept="tls" | "plain" as opening):
            return "Accept", _plain(opening)
        case PeerAction(connect="tls" | "plain" as opening):
            return "Connect", _plain(opening)
        case PeerAction(secure=str(side)):
            return "Secure", [quoted(side)]
        case PeerAction(expect=value) if value is not None:
            return "Expect", [_data(value)]
        case PeerAction(garbage=value) if value is not None:
            return "Garbage", [_data(value)]
        case PeerAction(byte_by_byte=value, every=every) if value is not None:
            pause = [keyword("every", str(every))] if every is not None else []
            return "ByteByByte", [_data(value), *pause]
        case PeerAction(send=value) if value is not None:
            return "Send", [_data(value)]
    return _SWITCHES[next(key for key in _SWITCHES if getattr(entry, key))], []


_SWITCHES: Final = {
    "expect_end": "ExpectEnd",
    "close": "Close",
    "half_close": "HalfClose",
    "drop": "Drop",
    "reset": "Reset",
    "silent": "Silent",
}


def _plain(opening: Opening) -> list[Item]:
    return [keyword("plain", "True")] if opening == "plain" else []


def _data(value: Value) -> str:
    data = data_of(value)
    return bytes_literal(data.content) + (f" * {data.times}" if data.times != 1 else "")
