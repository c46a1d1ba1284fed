"""The certificates of scenarios: one set for all threads of a process."""

from __future__ import annotations

import os
import subprocess
import sys

TWO_AT_ONCE = """
import threading
from concurrent.futures import ThreadPoolExecutor
from harness.credentials import files

together = threading.Barrier(2)

def ask(_: int) -> str:
    together.wait()
    return files().ca_file

with ThreadPoolExecutor(2) as pool:
    print(len(set(pool.map(ask, range(2)))))
"""


def test_a_peer_trusts_what_the_steps_show() -> None:
    # In a process of its own, where nobody has asked for the files before.
    command = [sys.executable, "-c", TWO_AT_ONCE]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "1\n"
