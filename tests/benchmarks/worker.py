"""The entry of a worker: does one work by one side's means, block by block, and measures itself.

    python -m benchmarks.worker TASK

It runs in the environment that has the build to measure. When it is ready it prints a line: what is
to be known of its connection. For each number of a line it does the work so many times, and prints
what that cost in all. It ends when its standard input does.
"""

import json
import sys
from collections.abc import Mapping
from time import perf_counter, process_time
from typing import Final

from benchmarks.descriptors import allow_many
from benchmarks.tasks import Task
from benchmarks.works.addresses import addresses
from benchmarks.works.block import Block, Work
from benchmarks.works.crowd import in_turn
from benchmarks.works.datagrams import datagrams
from benchmarks.works.idle import memory_of_one
from benchmarks.works.openings import opening
from benchmarks.works.streams import STREAMS, on_a_stream

WORKS: Final[Mapping[str, Work]] = {
    **dict.fromkeys(STREAMS, on_a_stream),
    "opening": opening,
    "crowd": in_turn,
    "datagrams": datagrams,
    "addresses": addresses,
}


def main() -> None:
    """Works until the standard input ends."""
    task = Task.read(sys.argv[1])
    allow_many()
    if task.work.startswith("idle"):
        print(flush=True)
        for _ in sys.stdin:
            print(json.dumps({"memory": memory_of_one(task)}), flush=True)
        return
    with WORKS[task.work](task) as block:
        print(block.facts, flush=True)
        for line in sys.stdin:
            print(json.dumps(measure(block, int(line))), flush=True)


def measure(block: Block, count: int) -> dict[str, float]:
    """Does a work so many times; returns the seconds that this took."""
    cpu = wall = 0.0
    while count:
        some = min(count, block.most)
        block.before(some)
        began, worked = perf_counter(), process_time()
        block.run(some)
        cpu += process_time() - worked
        wall += perf_counter() - began
        block.after(some)
        count -= some
    return {"cpu": cpu, "wall": wall}


if __name__ == "__main__":
    main()
