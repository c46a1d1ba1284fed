"""What is kept between runs holds only for the plugin that made it."""

from pathlib import Path

from nimnet_effects.store import files_digest


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
