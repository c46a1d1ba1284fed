"""Objects without a class of the runtime: the package holds them itself, as variants of bytes."""

from __future__ import annotations

from nimnet_gen.model.surface import ObjectField, Spec, Type
from nimnet_gen.naming.nimtypes import ArrayOf, Named, NimSyntaxError, parse_type
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_HINT = "give `runtime:` the class behind it, or say with `omit:` why it is not generated"


def check_variants(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check that such an object has a discriminator, and an array of bytes for each variant."""
    for module in spec.modules:
        for defined in module.types:
            if defined.kind == "object" and defined.runtime is None and defined.omit is None:
                _check_object(defined, symbols, found)


def _check_object(defined: Type, symbols: Symbols, found: Diagnostics) -> None:
    discriminators = [field for field in defined.fields if field.case]
    variants = [field for field in defined.fields if not field.case]
    if len(discriminators) != 1 or not variants:
        found.add(
            "SPEC110",
            f"'{defined.name}' has neither a class of the runtime nor one discriminator "
            "with its variants",
            defined.where("name"),
            _HINT,
        )
        return
    (discriminator,) = discriminators
    enum = symbols.types.get(discriminator.type)
    if enum is None or enum.kind != "enum":
        found.add(
            "SPEC110",
            f"the discriminator '{discriminator.name}' is no enum",
            discriminator.where("type"),
            _HINT,
        )
    taken: dict[str, str] = {}
    for field in variants:
        _check_variant(field, taken, found)


def _check_variant(field: ObjectField, taken: dict[str, str], found: Diagnostics) -> None:
    """Check one field; `taken` has the fields before it, by the discriminator's value."""
    if field.of is None:
        found.add("SPEC110", f"'{field.name}' belongs to no variant", field.at, "say `of:` which")
    elif field.of in taken:
        found.add(
            "SPEC110",
            f"the variant '{field.of}' has the field '{taken[field.of]}' already",
            field.where("of"),
            "a variant is one array of bytes",
        )
    else:
        taken[field.of] = field.name
    try:
        node = parse_type(field.type)
    except NimSyntaxError:
        return  # which the room of types reports
    match node:
        case ArrayOf(int(), int(), Named("uint8")):
            return
    found.add(
        "SPEC110",
        f"'{field.name}' is no array of bytes",
        field.where("type"),
        "write for example array[0 .. 3, uint8]",
    )
