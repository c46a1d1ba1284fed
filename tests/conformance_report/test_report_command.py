"""`nimnet-gen report`: its files, what it prints, and its exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

REPORT = (
    "conformance.html",
    "conformance.json",
    "conformance/spec/net/faults.yaml.html",
    "conformance/spec/net/wire.yaml.html",
)

Command = Callable[..., int]


class Links(HTMLParser):
    """What a page refers to, and the places in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.references: list[str] = []
        self.anchors: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(
        self,
        tag: str,  # noqa: ARG002  # the base class decides
        attrs: list[tuple[str, str | None]],
    ) -> None:
        values = dict(attrs)
        self.references += [values[key] or "" for key in ("href", "src") if key in values]
        self.anchors += [values["id"] or ""] if "id" in values else []


@pytest.fixture
def report(wire: Path, command: Command) -> Path:
    """The folder of a written report."""
    assert command("report", wire / "matrix.json", "--oracle", wire / "oracle.json") == 1
    return wire / "generated" / "reference"


def test_it_prints_the_totals(
    wire: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("report", wire / "matrix.json", "--oracle", wire / "oracle.json") == 1
    assert (
        capsys.readouterr().out
        == """\
5 statements, 1 of them wire's own, 1 of later versions: 4 with scenarios, 1 untested with a reason
6 scenarios, 7 by form of call
39 tests: 35 passed, 2 failed, 2 skipped, 0 not run
Nim, by scenario: agrees 2, departs 1, cannot be expressed 1, unexpected 1, not asked 1

            passed   failed  skipped  not run
no peer          1        0        0        0
tcp              9        0        0        0
tcp6             4        0        2        0
unix             5        0        0        0
tls12            2        2        0        0
tls13            6        0        0        0
psk12            4        0        0        0
psk13            4        0        0        0
all             35        2        2        0

failed: recv.receives all at once [tls12-unbuffered-recv/1] and 1 more (spec/net/wire.yaml:38)
unexpected of Nim: recv.receives one after the other: step 1 returns "0" (spec/net/wire.yaml:42)

the report is generated/reference/conformance.html
"""
    )


def test_it_goes_where_the_project_s_outputs_are(
    wire: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with (wire / "pyproject.toml").open("a", encoding="utf-8") as table:
        table.write('output = "made"\n')
    assert command("report", wire / "matrix.json") == 1
    assert "the report is made/reference/conformance.html\n" in capsys.readouterr().out
    assert sorted(path.name for path in wire.rglob("conformance.*")) == [
        "conformance.html",
        "conformance.json",
    ]
    assert command("generate") == 0
    assert "left alone" not in capsys.readouterr().out


def test_a_run_without_failures_is_a_success(
    wire: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    results = wire / "matrix.json"
    results.write_text(results.read_text().replace('"failed"', '"passed"'))
    assert command("report", results) == 0
    output = capsys.readouterr().out
    assert "Nim was not asked in this run." in output
    assert "failed:" not in output
    assert "not asked of Nim" not in output


def test_a_run_in_which_nothing_passed_is_no_success(
    wire: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    results = wire / "matrix.json"
    text = results.read_text()
    results.write_text(text.replace('"failed"', '"skipped"').replace('"passed"', '"skipped"'))
    assert command("report", results) == 1
    assert "\nno test passed\n" in capsys.readouterr().out


def test_an_oracle_that_was_asked_nothing_is_no_success(
    wire: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    results, oracle = wire / "matrix.json", wire / "oracle.json"
    results.write_text(results.read_text().replace('"failed"', '"passed"'))
    oracle.write_text("[]")
    assert command("report", results, "--oracle", oracle) == 1
    output = capsys.readouterr().out
    assert "not asked of Nim: recv.receives all at once (spec/net/wire.yaml:38)" in output
    assert "not asked of Nim: recv.loses-nothing (spec/net/wire.yaml:" in output
    assert "the sixth kind" not in output, "whose tests are all skipped"


def test_text_that_is_no_unicode_is_shown_all_the_same(
    wire: Path, command: Command, report: Path
) -> None:
    for name, key, right in (("matrix", "text", "text"), ("oracle", "observed", "why")):
        document = json.loads((wire / f"{name}.json").read_text())
        listed = document["results"] if isinstance(document, dict) else document
        wrong = next(one for one in listed if one["outcome"] == "failed")
        wrong[key] = wrong[right] = "half \ud83d of a pair"
        (wire / f"{name}.json").write_text(json.dumps({"results": listed}))
    assert command("report", wire / "matrix.json", "--oracle", wire / "oracle.json") == 1
    for name in ("conformance.html", "conformance.json"):
        assert "\\ud83d of a pair" in (report / name).read_text(encoding="utf-8")


def test_many_failures_are_cut_short(
    wire: Path,
    command: Command,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nimnet_gen.report.summary._FEW", 1)
    (wire / "matrix.json").write_text("[]")
    assert command("report", wire / "matrix.json") == 1
    output = capsys.readouterr().out
    assert "not run: LONGEST_LINE.value (spec/net/wire.yaml:25)" in output
    assert "... and 5 more: the report has them all" in output


@pytest.mark.parametrize("oracle", [False, True])
def test_missing_results_are_said(
    wire: Path, command: Command, capsys: pytest.CaptureFixture[str], oracle: bool
) -> None:
    missing = wire / "none.json"
    more = ("--oracle", missing) if oracle else ()
    assert command("report", wire / "matrix.json" if oracle else missing, *more) == 2
    assert f"there is no {missing}; run `make conformance`" in capsys.readouterr().err
    assert not (wire / "generated").exists()


def test_a_faulty_specification_has_no_report(wire: Path, command: Command) -> None:
    (wire / "spec/net/faults.yaml").write_text("name: faults\n")
    assert command("report", wire / "matrix.json") == 1
    assert not (wire / "generated").exists()


def test_equal_results_give_equal_files(wire: Path, command: Command, report: Path) -> None:
    first = {name: (report / name).read_bytes() for name in REPORT}
    for results in ("matrix.json", "oracle.json"):  # tests finish in another order each time
        document = json.loads((wire / results).read_text())
        listed = document["results"] if isinstance(document, dict) else document
        (wire / results).write_text(json.dumps({"results": listed[::-1]}))
    command("report", wire / "matrix.json", "--oracle", wire / "oracle.json")
    assert {name: (report / name).read_bytes() for name in REPORT} == first


def test_generate_and_check_pass_it_over(
    command: Command, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (report / "conformance.xml").write_text("<testsuites/>")
    assert command("generate") == 0
    assert command("check") == 0
    assert "conformance.html" not in capsys.readouterr().out
    assert all((report / name).exists() for name in (*REPORT, "conformance.xml"))


def test_listings_of_files_that_are_gone_go(wire: Path, command: Command, report: Path) -> None:
    old = report / "conformance" / "spec" / "old.yaml.html"
    old.write_text("old")
    command("report", wire / "matrix.json")
    assert not old.exists()
    assert (report / "conformance" / "spec" / "net" / "wire.yaml.html").exists()


def test_every_link_leads_somewhere_in_the_report(report: Path) -> None:
    pages = {page: Links(page) for page in report.rglob("*.html")}
    assert len(pages) == 3
    for page, links in pages.items():
        assert len(links.anchors) == len(set(links.anchors))
        for reference in links.references:
            name, _, anchor = reference.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target in pages, f"{page.name} refers to {reference}"
            assert not anchor or anchor in pages[target].anchors, f"{page.name}: {reference}"


def test_data_is_not_markup(report: Path) -> None:
    for page in report.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "<b>" not in text
        assert "<01>" not in text
    page_text = (report / "conformance.html").read_text(encoding="utf-8")
    assert "Later <code>wires</code> have another <code>&lt;clock&gt;</code>." in page_text
    assert "as &lt;b&gt;old&lt;/b&gt; wires &amp; people do" in page_text
