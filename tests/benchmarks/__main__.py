"""The entry of `make bench`: prints tables for everything that the design promises about speed.

Contenders take turns within each round, so that whatever else the machine does meets all of them;
read the ratios, not the absolute times. Nothing passes or fails here.
"""

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
# Measured from source, so the path comes before the imports.
sys.path[:0] = [str(ROOT / each) for each in ("generator", "runtime", "generated", "tests")]

from benchmarks import checking, plain, starting, tls  # noqa: E402  # the path first


def main() -> None:
    version = sys.version.split()[0]
    print(f"Python {version} on {sys.platform}: median [quartiles] ratio to the first, CPU time")
    starting.compare_all()
    plain.compare_all()
    tls.compare_all()
    checking.compare_all()


if __name__ == "__main__":
    main()
