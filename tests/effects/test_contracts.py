"""Files of contracts: what they say, and what is said of them when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from nimnet_effects.contracts import Contract, Given, MalformedError, read_file, read_shipped

GOOD = """\
format = 1

["json.loads"]
raises = ["json.decoder.JSONDecodeError"]

["shop.Client.send"]
forms = [
  {raises = ["builtins.OSError"], tags = ["IO"]},
  {given = {timeout = {not = "-1", raises = ["builtins.TimeoutError"]}, hard = {raises = []}}},
]

["shop.within"]
raises = ["builtins.OSError"]
imposes = ["builtins.TimeoutError"]
"""


def test_a_file_says_what_each_form_raises(tmp_path: Path) -> None:
    file = tmp_path / "effects.toml"
    file.write_text(GOOD)
    assert read_file(file) == {
        "json.loads": (Contract(raises=("json.decoder.JSONDecodeError",)),),
        "shop.Client.send": (
            Contract(raises=("builtins.OSError",), tags=("IO",)),
            Contract(
                given={"timeout": Given(("builtins.TimeoutError",), ("-1",)), "hard": Given(())}
            ),
        ),
        "shop.within": (
            Contract(raises=("builtins.OSError",), imposes=("builtins.TimeoutError",)),
        ),
    }


def test_contracts_of_a_package_tell_apart_what_others_of_them_name(tmp_path: Path) -> None:
    file = tmp_path / "effects.toml"
    file.write_text(GOOD)
    json, timeout = "json.decoder.JSONDecodeError", "builtins.TimeoutError"
    assert {name: [form.apart for form in forms] for name, forms in read_shipped(file).items()} == {
        "json.loads": [("builtins.OSError", timeout)],
        "shop.Client.send": [(timeout, json), ("builtins.OSError", json)],
        "shop.within": [(json,)],
    }


def test_literals_are_compared_as_python_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "effects.toml"
    file.write_text("format = 1\n['a.b']\ngiven = {how = {not = '\"x\"', raises = ['a.E']}}\n")
    assert read_file(file)["a.b"][0].given["how"].unless == ("'x'",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"0..65535"', ("0..65535",)),
        ('"0 .. 65535"', ("0..65535",)),
        ('"-0.5..0.5"', ("-0.5..0.5",)),
        ('"0.."', ("0..",)),
        ('"..-1"', ("..-1",)),
        ('["None", "0 .."]', ("None", "0..")),
        ('["-1"]', ("-1",)),
    ],
)
def test_ranges_and_lists_of_values(written: str, meant: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "effects.toml"
    file.write_text(
        f"format = 1\n['a.b']\ngiven = {{how = {{not = {written}, raises = ['a.E']}}}}\n"
    )
    assert read_file(file)["a.b"][0].given["how"].unless == meant


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "`format = 1` must be its first line, and it is missing"),
        ("format = 2", "it says 2, which another version reads"),
        ("format = true", "it says True"),
        ("format = ", "is not TOML"),
        ("format = 1\n[json.loads]\nraises = []", "in quotes: TOML takes its dots for nested"),
        (
            "format = 1\n['loads']\nraises = []",
            "must be the full name of a function with its module",
        ),
        ("format = 1\n'a.b' = 3", "must be a table"),
        ("format = 1\n['a.b']\nraise = []", ".raise: is no key of a contract: these are raises,"),
        ("format = 1\n['a.b']\nraises = 'a.E'", ".raises: must be a list of names"),
        ("format = 1\n['a.b']\nraises = [3]", ".raises: must be a list of names"),
        ("format = 1\n['a.b']\nraises = ['OSError']", '"builtins.OSError" is meant'),
        ("format = 1\n['a.b']\nraises = ['a-b']", "'a-b' is not the full name of a class"),
        ("format = 1\n['a.b']\nforms = []", ".forms: must be a list of tables, one for each"),
        ("format = 1\n['a.b']\nforms = [3]", ".forms[0]: must be a table"),
        ("format = 1\n['a.b']\nforms = [{}]\nraises = []", ".raises: stands beside `forms`"),
        ("format = 1\n['a.b']\ngiven = []", ".given: must be a table"),
        ("format = 1\n['a.b']\ngiven = {t = []}", ".given.t: must be a table"),
        ("format = 1\n['a.b']\ngiven = {t = {raises = [], but = 1}}", ".given.t.but: is no key"),
        ("format = 1\n['a.b']\ngiven = {t = {raises = [], not = -1}}", 'such as "-1" or "None"'),
        ("format = 1\n['a.b']\ngiven = {t = {raises = [], not = 'x()'}}", "'x()' is no literal"),
        ("format = 1\n['a.b']\ngiven = {t = {raises = [], not = [0]}}", "not 0"),
        ("format = 1\n['a.b']\ngiven = {t = {raises = [], not = []}}", "t.not: is empty: leave"),
        ("format = 1\n['a.b']\ngiven = {t = {raises = [], not = '..'}}", "a range without ends"),
        ("format = 1\n['a.b']\ngiven = {t = {raises = [], not = '0...9'}}", "no literal of Python"),
        (
            "format = 1\n['a.b']\ngiven = {t = {raises = [], not = '9..0'}}",
            "t.not: '9..0' is a range of nothing: 9 is above 0",
        ),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_place(
    text: str, complaint: str, tmp_path: Path
) -> None:
    file = tmp_path / "effects.toml"
    file.write_text(text)
    with pytest.raises(MalformedError) as caught:
        read_file(file)
    assert str(caught.value).startswith(str(file))
    assert complaint in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MalformedError, match=r"none.toml: cannot be read: No such file"):
        read_file(tmp_path / "none.toml")


def test_paths_are_shown_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "effects.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MalformedError, match=r"\Aeffects.toml: "):
        read_file(tmp_path / "effects.toml")
