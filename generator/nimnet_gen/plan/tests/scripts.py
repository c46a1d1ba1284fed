"""The peer's script as Python: one construction for each action."""

from __future__ import annotations

from nimnet_gen.acting.values import data_of
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import PeerAction
from nimnet_gen.model.stage import Stage
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import Item, bytes_literal, call, keyword, quoted, scalar_literal
from nimnet_gen.stage.script import Deed, deed


def action(entry: PeerAction, stage: Stage, imports: Imports) -> Item:
    """Return the construction of one action, and import its class."""
    done = deed(entry, stage)
    imports.name(stage.actions_module, done.action.class_)
    beside = [keyword(name, str(value)) for name, value in done.beside.items()]
    return call(done.action.class_, [*_arguments(done), *beside])


def _arguments(done: Deed) -> list[Item]:
    match done.action.takes:
        case "data":
            return [_data(done.value)]
        case "number":
            return [str(done.value)]
        case "word" if done.word is not None and done.word.passes is not None:
            return [
                keyword(name, scalar_literal(value)) for name, value in done.word.passes.items()
            ]
        case "signal" | "word":
            return [quoted(str(done.value))]
    return []


def _data(value: Value) -> str:
    data = data_of(value)
    return bytes_literal(data.content) + (f" * {data.times}" if data.times != 1 else "")
