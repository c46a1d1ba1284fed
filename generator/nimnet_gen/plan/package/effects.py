"""The contract file of a package: what each of its callables may raise, for programs to read.

It is TOML, in the format that `nimnet_effects` documents, beside the package's `__init__.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from nimnet_gen.naming.contracts import MODULE, Conditional, Contract
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.contracts import CallableContract, FormContract, module_contracts
from nimnet_gen.plan.package.views import EffectsView, TableView

DATA: Final = f"{MODULE}.toml"
"""The contract file, which `nimnet_effects` looks for by this name."""


def effects_view(api: Api) -> EffectsView:
    """Return the view of the contract file, and of the module that reads it."""
    return EffectsView(
        api.name,
        DATA,
        tuple(
            _table(f"{api.name}.{module.name}.{contract.name}", contract, api)
            for module in api.modules
            for contract in module_contracts(api, module)
        ),
    )


def _table(name: str, contract: CallableContract, api: Api) -> TableView:
    """Return the table of a callable: of its only form, or with one for each, in their order."""
    forms = [one for form in contract.forms for one in _repeated(form)]
    if len(forms) == 1:
        lines = (f"{key} = {value}" for key, value in _keys(forms[0], api))
        return TableView(_text(name), tuple(lines))
    listed = [f"  {_inline(_keys(form, api))}," for form in forms]
    return TableView(_text(name), ("forms = [", *listed, "]"))


def _repeated(form: FormContract) -> Iterator[Contract]:
    """Yield the contract of a form for each of its signatures."""
    for _ in range(form.signatures):
        yield form.contract


def _keys(contract: Contract, api: Api) -> Iterator[tuple[str, str]]:
    """Yield what a table says, in TOML; what is empty is left out, but for what it is about."""
    yield "raises", _listed(_exceptions(contract.raises, api))
    if contract.given:
        yield "given", _inline((one.param, _condition(one, api)) for one in contract.given)
    for key, names in (("imposed", contract.imposed), ("imposes", contract.imposes)):
        if names:
            yield key, _listed(_exceptions(names, api))
    if contract.tags:
        yield "tags", _listed(contract.tags)


def _condition(one: Conditional, api: Api) -> str:
    raised = _listed(_exceptions(one.raises, api))
    return _inline([("not", _text(one.unless)), ("raises", raised)])


def _exceptions(names: Iterable[str], api: Api) -> list[str]:
    """Return exceptions by where they are imported from."""
    homes = api.homes
    return [
        f"{api.name}.{homes[name]}.{name}" if name in homes else f"builtins.{name}"
        for name in names
    ]


def _text(value: str) -> str:
    """Return a text in quotes: TOML escapes what JSON does, and leaves the rest alone."""
    return json.dumps(value, ensure_ascii=False)


def _listed(items: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, items))}]"


def _inline(pairs: Iterable[tuple[str, str]]) -> str:
    return f"{{{', '.join(f'{key} = {value}' for key, value in pairs)}}}"
