"""What the report for machines says of a run."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from nimnet_gen.model.surface import Spec
from nimnet_gen.report.assembly import assembled
from nimnet_gen.report.document import Document, Scenario
from nimnet_gen.report.page import page_view
from nimnet_gen.report.results import (
    NimResult,
    Result,
    ResultsError,
    read_nim_results,
    read_results,
)
from nimnet_gen.report.success import is_unasked, succeeded

WIRE = Path(__file__).parent / "wire"


@pytest.fixture
def results(spec: Spec) -> Sequence[Result]:
    return read_results(WIRE / "matrix.json", spec.stage)


@pytest.fixture
def nim(spec: Spec) -> Sequence[NimResult]:
    return read_nim_results(WIRE / "oracle.json", spec.stage)


@pytest.fixture
def document(spec: Spec, results: Sequence[Result], nim: Sequence[NimResult]) -> Document:
    return assembled(spec, results, nim)


def found(document: Document, statement: str, name: str = "") -> Scenario:
    """Return one scenario of a report."""
    (scenario,) = (
        scenario
        for one in document["statements"]
        for scenario in one["scenarios"]
        if (one["id"], scenario["name"]) == (statement, name)
    )
    return scenario


def mended(
    results: Sequence[Result], nim: Sequence[NimResult]
) -> tuple[Sequence[Result], Sequence[NimResult]]:
    """Return what tests and Nim would have given without the failures."""
    return (
        [
            dataclasses.replace(result, outcome="passed") if result.outcome == "failed" else result
            for result in results
        ],
        [
            dataclasses.replace(one, verdict="agrees", outcome="passed")
            if one.outcome == "failed"
            else one
            for one in nim
        ],
    )


def misfits(value: object, wanted: object, place: str = "document") -> list[str]:
    """Return where a JSON value is not of an annotation's type, keys included."""
    if is_typeddict(wanted):
        assert isinstance(wanted, type)
        hints = get_type_hints(wanted)
        if not isinstance(value, dict) or value.keys() != hints.keys():
            return [f"{place}: {value!r} is no {wanted.__name__}"]
        return [
            wrong for key in hints for wrong in misfits(value[key], hints[key], f"{place}.{key}")
        ]
    origin, parts = get_origin(wanted), get_args(wanted)
    if origin is types.UnionType:
        return [] if any(not misfits(value, part) for part in parts) else [place]
    if origin is Literal:
        return [] if value in parts else [f"{place}: {value!r}"]
    if origin is list and isinstance(value, list):
        return [w for n, item in enumerate(value) for w in misfits(item, parts[0], f"{place}[{n}]")]
    if origin is dict and isinstance(value, dict):
        return [w for key, item in value.items() for w in misfits(item, parts[1], f"{place}.{key}")]
    assert isinstance(wanted, type)
    return [] if type(value) is wanted else [f"{place}: {value!r} is no {wanted.__name__}"]


def test_it_is_what_its_classes_say(document: Document) -> None:
    assert misfits(json.loads(json.dumps(document)), Document) == []


def test_its_form_is_stable(document: Document) -> None:
    # A change of this file is a change of what other programs read: see the rules in `document`.
    expected = json.loads((WIRE / "expected.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(document)) == expected


def test_the_page_says_whose_word_a_sentence_is(document: Document) -> None:
    statements = [one for group in page_view(document).groups for one in group.statements]
    assert {one.id: one.mark for one in statements if one.mark} == {
        "recv.loses-nothing": "wire\N{RIGHT SINGLE QUOTATION MARK}s own",
        "send_all.sends": "since manual 2",
    }


def test_a_cell_counts_kinds_and_forms(document: Document) -> None:
    cells = {
        cell["transport"]: cell for cell in found(document, "recv.receives", "all at once")["cells"]
    }
    assert cells["tls12"] == {
        "transport": "tls12",
        "outcome": "failed",
        "planned": 4,
        "passed": 2,
        "failed": 2,
        "skipped": 0,
        "not_run": 0,
    }
    assert list(cells) == ["tcp", "tcp6", "unix", "tls12", "tls13", "psk12", "psk13"]


def test_what_did_not_run_is_no_success(spec: Spec, results: Sequence[Result]) -> None:
    passed = [dataclasses.replace(result, outcome="passed") for result in results]
    assert succeeded(assembled(spec, passed, None))
    lacking = assembled(spec, passed[1:], None)
    assert lacking["totals"]["tests"]["not_run"] == 1
    assert found(lacking, "LONGEST_LINE.value")["outcome"] == "not run"
    assert not succeeded(lacking)


def test_a_skipped_test_is_neither_passed_nor_failed(spec: Spec, results: Sequence[Result]) -> None:
    skipped = [dataclasses.replace(result, outcome="skipped") for result in results]
    assert not succeeded(assembled(spec, skipped, None))
    one_passed = [dataclasses.replace(skipped[0], outcome="passed"), *skipped[1:]]
    assert succeeded(assembled(spec, one_passed, None))


@pytest.mark.parametrize("left_out", ["all at once", "", "everything"])
def test_nim_is_asked_about_everything_or_nothing(
    spec: Spec, results: Sequence[Result], nim: Sequence[NimResult], left_out: str
) -> None:
    well, good = mended(results, nim)
    assert succeeded(assembled(spec, well, good))
    lacking = [one for one in good if left_out not in (one.ran.scenario, "everything")]
    assert not succeeded(assembled(spec, well, lacking))


def test_nim_need_not_be_asked_where_the_machine_lacks_something(
    spec: Spec, results: Sequence[Result], nim: Sequence[NimResult]
) -> None:
    name = "no wire of the sixth kind"
    document = assembled(spec, results, nim)
    scenario = found(document, "send_all.sends", name)
    assert scenario["nim"]["verdict"] == "not asked"
    assert not is_unasked(document, scenario)
    ran = [dataclasses.replace(result, outcome="passed") for result in results]
    document = assembled(spec, ran, nim)
    assert is_unasked(document, found(document, "send_all.sends", name))


def test_of_a_test_that_ran_twice_the_worse_counts(spec: Spec, results: Sequence[Result]) -> None:
    again = dataclasses.replace(results[0], outcome="failed")
    for both in ([again, *results], [*results, again]):
        assert found(assembled(spec, both, None), "LONGEST_LINE.value")["outcome"] == "failed"


@pytest.mark.parametrize(
    ("statement", "name", "verdict", "observed"),
    [
        ("recv.receives", "all at once", "agrees", []),
        ("recv.loses-nothing", "", "departs", [('step 3 returns "23"', True)]),
        ("recv.receives", "one after the other", "unexpected", [('step 1 returns "0"', False)]),
        ("LONGEST_LINE.value", "", "inexpressible", []),
        ("send_all.sends", "no wire of the sixth kind", "not asked", []),
    ],
)
def test_verdicts(
    document: Document, statement: str, name: str, verdict: str, observed: list[tuple[str, bool]]
) -> None:
    nim = found(document, statement, name)["nim"]
    assert nim["verdict"] == verdict
    assert [(one["observed"], one["expected"]) for one in nim["differences"]] == observed


def test_an_unexpected_agreement_is_no_success(
    spec: Spec, results: Sequence[Result], nim: Sequence[NimResult]
) -> None:
    passed, good = mended(results, nim)
    assert succeeded(assembled(spec, passed, good))
    agreeing = [
        dataclasses.replace(one, verdict="agrees", observed="", outcome="failed")
        if one.verdict == "departs"
        else one
        for one in good
    ]
    surprised = assembled(spec, passed, agreeing)
    assert not succeeded(surprised)
    (difference,) = found(surprised, "recv.loses-nothing")["nim"]["differences"]
    assert (difference["observed"], difference["expected"]) == ("", False)
    assert difference["cells"] == ["tcp-buffered", "tcp-unbuffered"]


def test_without_the_oracle_the_specification_speaks(spec: Spec, results: Sequence[Result]) -> None:
    document = assembled(spec, results, None)
    assert document["nim"] == {"asked": False, "reason": "Nim was not asked in this run."}
    assert document["totals"]["nim"] == {"declared": 1, "not asked": 5}
    (difference,) = found(document, "recv.loses-nothing")["nim"]["differences"]
    assert difference["why"] == "A call that times out must lose nothing."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LONGEST_LINE.value", "longest_line.length"),
        ("markup is data", "markup is not data"),
        ('"psk13"', '"udp"'),
        ('"recv/2"', '"recv/3"'),
    ],
)
def test_results_of_another_specification_are_refused(
    spec: Spec, tmp_path: Path, old: str, new: str
) -> None:
    text = (WIRE / "matrix.json").read_text(encoding="utf-8")
    assert old in text
    other = tmp_path / "other.json"
    other.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ResultsError, match="which is no test of this specification"):
        assembled(spec, read_results(other, spec.stage), None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "is no JSON"),
        ("[" * 100_000, "is nested too deep"),
        ("{}", "holds no list of results"),
        ("1", "holds no list of results"),
        ("[1]", "result 1 is no object"),
        ('[{"forms": []}]', "'outcome' is missing, but has to be one of passed, failed, skipped"),
        ('[{"forms": "recv"}]', "'forms' is 'recv', but has to be a list of texts"),
        ('[{"forms": [1]}]', r"'forms' is \[1\], but has to be a list of texts"),
        ('[{"forms": [], "transport": 1}]', "'transport' is 1"),
        ('[{"forms": [], "buffered": "yes"}]', "'buffered' is 'yes'"),
        ('[{"forms": [], "statement": 1}]', "'statement' is 1"),
        ('[{"forms": [], "outcome": "lost"}]', "'outcome' is 'lost'"),
        ('[{"forms": [], "outcome": "passed", "seconds": true}]', "'seconds' is True"),
    ],
)
def test_results_that_cannot_be_used(spec: Spec, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError, match=message):
        read_results(file, spec.stage)
