"""The entry of `make soak`: what takes too long for `make test`.

Full-duplex traffic for a minute on each transport, every byte checked, and thousands of TLS
handshakes that fail, after which descriptors and memory must be as before. Prints figures; exits
with 1 if something is off.

    soak.py [--seconds 60] [--handshakes 2000]
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
# Run from source, so the path comes before the imports.
sys.path[:0] = [str(ROOT / each) for each in ("runtime", "generated", "tests")]

from harness.authority import Authority  # noqa: E402  # the path first

from soak import handshakes, traffic  # noqa: E402  # the path first


def main() -> int:
    parser = argparse.ArgumentParser(description="soaks nimnet over loopback")
    parser.add_argument("--seconds", type=float, default=60, help="of traffic on each transport")
    parser.add_argument("--handshakes", type=int, default=2_000, help="that fail in each way")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        faults = traffic.soak(authority, wanted.seconds)
        faults += handshakes.soak(authority, wanted.handshakes)
    for fault in faults:
        print(f"FAULT: {fault}")
    print("soak: " + (f"{len(faults)} faults" if faults else "no faults"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
