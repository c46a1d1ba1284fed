"""What is kept between runs, and when it holds: never if it is damaged, or of another version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from nimnet_effects import store
from nimnet_effects.contracts import Contract, Given
from nimnet_effects.store import Record, Store, files_digest

RECORD = Record(
    "shop.cart",
    "shop/cart.py",
    "configuration",
    "shipped",
    "token",
    ("shop.errors",),
    {
        "Cart.pay": (
            Contract(
                ("builtins.OSError",), {"timeout": Given(("builtins.TimeoutError",), ("-1",))}
            ),
            Contract(imposed=("a.A",), imposes=("b.B",), tags=("IO",)),
        )
    },
    {"Cart.take": {"raises": [["builtins.KeyError", "", []]]}},
    {"json": "digest"},
    {"shop": "shop/__init__.py"},
    {"shop/errors.py": "digest"},
)


def test_what_is_kept_is_what_the_next_run_gets(tmp_path: Path) -> None:
    file = tmp_path / "below" / "file"
    assert Store(file).stored("shop.cart") is None
    Store(file).keep(RECORD)
    found = Store(file).stored("shop.cart")
    assert found == RECORD
    assert found.effects() == RECORD.effects()
    # Nothing is left of the writing.
    assert list(file.parent.iterdir()) == [file]
    Store(file).drop("shop.cart")
    assert Store(file).stored("shop.cart") is None


def test_a_record_of_another_format_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path / "file").keep(RECORD)
    monkeypatch.setattr(store, "FORMAT", store.FORMAT + 1)
    assert Store(tmp_path / "file").stored("shop.cart") is None


def test_a_place_that_is_none_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "below")
    store.keep(RECORD)
    # It is known as long as the process lives.
    assert store.stored("shop.cart") is RECORD
    store.drop("shop.cart")
    assert store.stored("shop.cart") is None
    assert Store(None).stored("shop.cart") is None


def test_a_record_holds_while_all_that_it_rests_on_is_as_it_was(tmp_path: Path) -> None:
    source = tmp_path / "errors.py"
    source.write_text("one")
    store = Store(None)
    record = replace(RECORD, beneath={str(source): store.digest_of(str(source))})
    contracts = {"json": "digest"}.__getitem__
    assert Store(None).holds(record, "configuration", contracts)
    assert not Store(None).holds(record, "another", contracts)
    assert not Store(None).holds(record, "configuration", lambda _: "another")
    source.write_text("two")
    assert not Store(None).holds(record, "configuration", contracts)
    source.unlink()
    assert not Store(None).holds(record, "configuration", contracts)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECORD, declared={}),
        replace(RECORD, summaries={}),
        replace(RECORD, shipped=""),
    ],
)
def test_what_others_can_see_is_in_the_digest_of_effects(other: Record) -> None:
    assert other.effects() != RECORD.effects()
    # What only the module itself rests on is not.
    assert replace(RECORD, beneath={}, contracts={}, token="").effects() == RECORD.effects()


def test_imports_are_followed_around_cycles(tmp_path: Path) -> None:
    store = Store(tmp_path / "file")
    one = replace(RECORD, module="one", path="one.py", imports=("two", "none"))
    two = replace(RECORD, module="two", path="two.py", imports=("one",))
    store.keep(one)
    assert store.closure(["one"], {"two": two}) == {"one": one, "two": two}
    assert set(store.beneath(["one"], {"two": two})) == {"one.py", "two.py"}


def test_a_change_anywhere_in_the_plugin_changes_its_digest(tmp_path: Path) -> None:
    folder = tmp_path / "rooms" / "below"
    folder.mkdir(parents=True)
    digests = [files_digest(tmp_path)]
    for file in (tmp_path / "top.py", folder / "room.py"):
        for text in ("", "changed = True\n"):
            file.write_text(text)
            digests.append(files_digest(tmp_path))
    (folder / "notes.txt").write_text("no source\n")
    assert files_digest(tmp_path) == digests[-1]
    assert len(set(digests)) == len(digests)


def test_names_that_were_looked_for_are_known(tmp_path: Path) -> None:
    file = tmp_path / "below" / "file"
    assert Store(file).looked_at("shop") == ""
    Store(file).note_names("shop", "digest")
    Store(file).note_names("json", "another")
    assert Store(file).looked_at("shop") == "digest"
    Store(file).note_names("shop", "")
    assert Store(file).looked_at("shop") == ""
    Store(None).note_names("shop", "digest")
    assert Store(None).looked_at("shop") == ""
