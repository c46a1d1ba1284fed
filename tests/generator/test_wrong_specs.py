"""A sample of specifications that are wrong by chance: refused with a place, or of use.

`make fuzz-spec` tries as many more as one likes.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing.campaign import Campaign, subjects
from fuzzing.trial import judge, write_specification
from harness.specifications import ROOT

SUBJECTS = {subject.name: subject for subject in subjects(ROOT)}
SIZES = {"lights": 120, "uri": 60, "surface": 12, "net": 4}
"""How many mutants of each; a specification that is not here has as many as the smallest."""


@pytest.mark.parametrize("name", SUBJECTS)
def test_what_is_mutated_is_right(name: str, tmp_path: Path) -> None:
    write_specification(SUBJECTS[name].tree, tmp_path / "specification")
    outcome = judge(SUBJECTS[name], tmp_path / "specification", tmp_path / "made")
    assert (outcome.verdict, outcome.why) == ("accepted", "")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SUBJECTS)
def test_a_sample(name: str, tmp_path: Path) -> None:
    campaign = Campaign([SUBJECTS[name]], tmp_path, tmp_path / "cache")
    for seed in range(SIZES.get(name, 4)):
        campaign.try_one(seed)
    campaign.look_at_accepted()
    assert [failure.text() for failure in campaign.failures] == []
    # Of so many some must have been refused, or nothing was changed; and with what is known.
    assert campaign.codes
