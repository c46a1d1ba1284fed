"""`make fuzz-spec`: wrong specifications by the hundred, and what the generator did wrong."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

from fuzzing.campaign import Campaign, subjects

ROOT: Final = Path(__file__).parents[2]


def main() -> int:
    """Run mutants until there are enough, or the time is over."""
    parser = argparse.ArgumentParser(prog="make fuzz-spec", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run (default: by chance)")
    parser.add_argument("--seconds", type=float, default=600, help="at most (default: 600)")
    parser.add_argument("--only", action="append", help="one of the specifications by its name")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10**6)
    kept = ROOT / "build" / "fuzz-spec"
    known = [one for one in subjects(ROOT) if not options.only or one.name in options.only]
    print(f"seed {seed}: {options.count} of {', '.join(subject.name for subject in known)}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(known, Path(folder), ROOT / "build" / "fuzz-cache")
        for number in range(options.count):
            if time.monotonic() - began > options.seconds:
                print(f"the time is over after {number}")
                break
            campaign.try_one(seed * 1_000_000 + number)
            if number % 50 == 49:
                campaign.look_at_accepted()
                print(f"  {number + 1}: {campaign.summary()}", flush=True)
        campaign.look_at_accepted()
        print(campaign.summary())
        shutil.rmtree(kept, ignore_errors=True)
        for failure in campaign.failures:
            shutil.copytree(failure.folder, kept / failure.name, dirs_exist_ok=True)
            (kept / failure.name / "why.txt").write_text(failure.text(), encoding="utf-8")
    kinds = Counter(failure.kind for failure in campaign.failures)
    for kind, count in kinds.most_common():
        print(f"{count:5} x {kind}")
    if kinds:
        print(f"the specifications are in {kept.relative_to(ROOT)}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
