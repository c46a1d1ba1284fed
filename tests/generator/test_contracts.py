"""The contract of a form, told apart by when it raises what."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.comparison.changes import compare
from nimnet_gen.model.load import load_spec
from nimnet_gen.model.mappings import ContractRule
from nimnet_gen.naming.contracts import Conditional, Contract, contract_of
from nimnet_gen.plan import resolve
from nimnet_gen.plan.api import Api
from nimnet_gen.project.folders import find_project
from nimnet_gen.runtime.index import index_runtime
from nimnet_gen.source.position import Position

ROOT = Path(__file__).parents[2]
BASE = Path(__file__).parent / "base"


def rule(
    param: str, raises: str, unless: str | None = None, imposed_by: str | None = None
) -> ContractRule:
    return ContractRule(
        at=Position("", 1, 1),
        keys={},
        param=param,
        raises=raises,
        unless=unless,
        imposed_by=imposed_by,
    )


def contract(*params: str, rules: list[ContractRule], name: str = "call") -> Contract:
    named = [(param, f"{param}_") for param in params]
    return contract_of(name, ("OSError", "TimeoutError"), named, ("IOEffect",), rules)


def test_without_rules_every_call_may_raise_all() -> None:
    found = contract("timeout", rules=[])
    assert found == Contract(("OSError", "TimeoutError"), tags=("IOEffect",))
    assert found.exceptions == {"OSError", "TimeoutError"}


def test_a_value_that_is_none_makes_it_conditional() -> None:
    found = contract("timeout", rules=[rule("timeout", "TimeoutError", "-1")])
    assert found.raises == ("OSError",)
    assert found.given == (Conditional("timeout_", "-1", ("TimeoutError",)),)
    assert found.exceptions == {"OSError", "TimeoutError"}


@pytest.mark.parametrize(
    ("unless", "excepted"),
    [("0 .. 9", "0..9"), ("-5..-1", "-5..-1"), ("0 ..", "0.."), ("..0", "..0")],
)
def test_a_range_of_values_makes_it_conditional(unless: str, excepted: str) -> None:
    found = contract("size", rules=[rule("size", "OSError", unless)])
    assert found.raises == ("TimeoutError",)
    assert found.given == (Conditional("size_", excepted, ("OSError",)),)
    assert found.given[0].is_ranged


def test_without_such_a_value_the_parameter_changes_nothing() -> None:
    assert contract("timeout", rules=[rule("timeout", "TimeoutError")]).raises[1] == "TimeoutError"


def test_a_form_without_the_parameter_raises_what_no_block_imposes() -> None:
    found = contract("size", rules=[rule("timeout", "TimeoutError", "-1")])
    assert (found.raises, found.given) == (("OSError", "TimeoutError"), ())


def test_a_block_imposes_it_with_the_parameter_and_without() -> None:
    rules = [rule("timeout", "TimeoutError", "-1", "hold")]
    assert contract("size", rules=rules) == Contract(
        ("OSError",), imposed=("TimeoutError",), tags=("IOEffect",)
    )
    both = contract("timeout", rules=rules)
    assert (both.raises, both.imposed) == (("OSError",), ("TimeoutError",))
    assert both.given == (Conditional("timeout_", "-1", ("TimeoutError",)),)


def test_what_every_call_may_raise_no_block_has_to_impose() -> None:
    found = contract("timeout", rules=[rule("timeout", "TimeoutError", None, "hold")])
    assert (found.raises, found.imposed) == (("OSError", "TimeoutError"), ())


def test_what_imposes_raises_nothing_more_itself() -> None:
    rules = [rule("timeout", "Expired", "-1", "hold")]
    found = contract("milliseconds", rules=rules, name="hold")
    assert (found.raises, found.imposes) == (("OSError", "TimeoutError"), ("Expired",))


def test_parameters_that_bring_the_same_stand_apart() -> None:
    rules = [rule("timeout", "TimeoutError", "-1"), rule("until", "TimeoutError", "nil")]
    rules.append(rule("until", "OSError", "nil"))
    found = contract("timeout", "until", rules=rules)
    assert found.raises == ()
    assert found.given == (
        Conditional("timeout_", "-1", ("TimeoutError",)),
        Conditional("until_", "None", ("TimeoutError", "OSError")),
    )


BLOCK = """\
name: extra
doc: A block.
types:
  - {name: Block, kind: object, runtime: blocks.Block, extension: true, doc: A block.}
procs:
  - {name: hold, extension: true, returns: Block, raises: [], doc: Makes one.}
  - {name: __enter__, extension: true, params: [{name: b, type: Block}], raises: [], doc: Begins.}
  - {name: __exit__, extension: true, params: [{name: b, type: Block}], raises: [], doc: Ends.}
"""


def api(folder: Path, conditions: str) -> Api:
    """The API of the base with conditions of its rule about timeouts."""
    shutil.copytree(BASE, folder)
    known = folder / "known_types.yaml"
    plain = known.read_text(encoding="utf-8")
    stated = plain.replace("raises: TimeoutError}", f"raises: TimeoutError{conditions}}}")
    known.write_text(stated, encoding="utf-8")
    (folder / "extra.yaml").write_text(BLOCK, encoding="utf-8")
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    assert check(spec).render() == ""
    return resolve(spec)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (
            "",
            ', unless: "-1"',
            "addition: TimeoutError is raised with any timeout but -1; it was with any timeout",
        ),
        (
            ', unless: "-1"',
            ', unless: "0"',
            "breaking: TimeoutError is raised with any timeout but 0; "
            "it was with any timeout but -1",
        ),
        (
            "",
            ", imposed_by: hold",
            "addition: TimeoutError without timeout is raised in blocks of hold; it was always",
        ),
        (
            ", imposed_by: hold",
            "",
            "breaking: TimeoutError without timeout is raised always; it was in blocks of hold",
        ),
        (", imposed_by: hold", ", imposed_by: hold", None),
        (
            ', unless: "-1"',
            ', unless: "-1 .. 9"',
            "breaking: TimeoutError is raised with any timeout but -1 .. 9; "
            "it was with any timeout but -1",
        ),
    ],
)
def test_what_another_condition_means_to_users(
    tmp_path: Path, before: str, now: str, expected: str | None
) -> None:
    changes = compare(api(tmp_path / "a", before), api(tmp_path / "b", now))
    found = [f"{change.impact.value}: {change.text}" for change in changes]
    assert found == ([expected] if expected else [])


def test_what_a_rule_means_that_was_not_there(tmp_path: Path) -> None:
    now, before = api(tmp_path / "a", ', unless: "-1"'), api(tmp_path / "b", "")
    bare = replace(before, spec=replace(before.spec, types=replace(before.spec.types, rules=())))
    assert [(change.impact.value, change.text) for change in compare(bare, now)] == [
        ("addition", "TimeoutError is raised with any timeout but -1; it was with any timeout")
    ]
    assert [(change.impact.value, change.text) for change in compare(now, bare)] == [
        ("breaking", "TimeoutError is raised with any timeout; it was with any timeout but -1")
    ]


def test_what_comes_from_other_packages_is_there(tmp_path: Path) -> None:
    project = find_project(ROOT)
    spec, _ = load_spec(project.spec, project.data, project.root)
    assert spec is not None
    for folder in (spec.package.runtime, "nimnet_effects"):
        shutil.copytree(project.runtime / folder, tmp_path / folder)
    runtime = tmp_path / spec.package.runtime
    assert not check(spec, index_runtime(runtime))
    (tmp_path / "nimnet_effects" / "__init__.py").write_text("def rises() -> None: ...\n")
    (fault,) = check(spec, index_runtime(runtime))
    assert fault.code == "SPEC090"
    assert fault.message == "there is no 'nimnet_effects.raises' beside the runtime"
    assert fault.hint == "did you mean 'rises'?"
