"""The views of the pages about contracts: the table of all exceptions, and what contracts are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nimnet_gen.naming.contracts import Contract
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.contracts import CallableContract, FormContract, module_contracts
from nimnet_gen.plan.layout import paragraphs
from nimnet_gen.plan.package.effects import effects_view
from nimnet_gen.plan.reference.entries import anchor


@dataclass(frozen=True)
class ExceptionsRow:
    """A form of a callable, and for each exception when it can raise it."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ExceptionsView:
    """The table of what each call can raise.

    Attributes:
        exceptions: their names.
        conditional: whether some are raised under a condition.
        blocks: the callables whose blocks impose exceptions.
        rows: the forms.
    """

    exceptions: tuple[str, ...]
    conditional: bool
    blocks: tuple[str, ...]
    rows: tuple[ExceptionsRow, ...]


@dataclass(frozen=True)
class ReexportEntry:
    """What the package exports of another one."""

    name: str
    home: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class ContractsView:
    """The page that explains contracts, and how programs read them."""

    package: str
    data: str
    example: tuple[str, ...]
    """The lines of a contract file about the callable of which it says most."""
    reexports: tuple[ReexportEntry, ...]


def exceptions_view(api: Api) -> ExceptionsView:
    """Return the table of every form of every callable against every exception."""
    listed = [
        (module.name, contract, form)
        for module in api.modules
        for contract in module_contracts(api, module)
        for form in contract.forms
    ]
    imposing = {
        name: contract.name for _, contract, form in listed for name in form.contract.imposes
    }
    names = tuple(sorted({name for _, _, form in listed for name in form.contract.exceptions}))
    rows = (
        ExceptionsRow(
            f"[`{_title(contract, form)}`]({module}.md#{anchor(contract.part_of)})",
            tuple(_cell(name, form.contract, imposing) for name in names),
        )
        for module, contract, form in listed
    )
    return ExceptionsView(
        names,
        any(form.contract.given for _, _, form in listed),
        tuple(dict.fromkeys(imposing.values())),
        tuple(rows),
    )


def _title(contract: CallableContract, form: FormContract) -> str:
    if form.is_setter:
        return f"{contract.name} = ..."
    return contract.name if contract.is_property else f"{contract.name}({', '.join(form.params)})"


def _cell(name: str, contract: Contract, imposing: Mapping[str, str]) -> str:
    """Return when a form raises an exception; an empty text for never."""
    if name in contract.raises:
        return "yes"
    when = [
        f"with `{one.param}`" + (" out of range" if one.is_ranged else "")
        for one in contract.given
        if name in one.raises
    ]
    when += [f"in `{imposing[name]}`"] if name in contract.imposed else []
    return ", ".join(when)


def contracts_view(api: Api) -> ContractsView:
    """Return the page that explains contracts."""
    view = effects_view(api)
    # That of one form with most to say: of several, the first.
    single = [table for table in view.tables if "]" not in table.lines]
    example = max(single, key=lambda table: len(table.lines), default=None)
    shown = () if example is None else (f"[{example.name}]", *example.lines)
    return ContractsView(
        api.name,
        view.data,
        shown,
        tuple(
            ReexportEntry(one.name, one.from_, tuple(paragraphs(one.doc)))
            for one in api.spec.package.reexports
        ),
    )
