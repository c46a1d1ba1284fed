"""Many cells at a time: which of them, and what the comparisons have shown."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from injection import failures
from injection.cells import cells
from injection.contracts import contracts
from injection.scenarios import SCENARIOS

from systemcalls import correspondence
from systemcalls.comparison import Child, Compared, compare

_KINDS: Final = {"tls12": "tls", "tls13": "tls", "psk12": "psk", "psk13": "psk"}


def chosen(wanted: Sequence[str]) -> list[tuple[str, str]]:
    """Returns the cells to compare, each with its callable.

    That is each scenario, once on each kind of transport.

    Args:
        wanted: Parts of the names of cells; empty for all.
    """
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    for cell in cells(SCENARIOS):
        kind = _KINDS.get(cell.transport, cell.transport)
        key = (cell.scenario.callable, cell.scenario.name, kind)
        if not wanted or any(part in cell.name for part in wanted):
            found.setdefault(key, (cell.name, cell.scenario.callable))
    return list(found.values())


def run(workers: int, sample: int, wanted: Sequence[str] = ()) -> Iterator[Compared]:
    """Compares cells, in several processes; yields what each has shown.

    Args:
        workers: How many processes.
        sample: How many failures of each operation.
        wanted: Parts of the names of cells; empty for all.
    """
    declared = contracts()
    table = correspondence.load()
    known = {
        name: tuple(failure.name for failure in row.failures)
        for name, row in failures.load().system.items()
    }
    todo: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    done: queue.SimpleQueue[Compared | None] = queue.SimpleQueue()
    for one in chosen(wanted):
        todo.put(one)

    def work() -> None:
        try:
            while not todo.empty():
                cell = "none"
                try:
                    with Child() as child:
                        while True:
                            cell, name = todo.get_nowait()
                            done.put(compare(cell, declared[name], known, table, child, sample))
                except queue.Empty:
                    return
                except Exception as error:
                    ended = f"the comparison has ended: {type(error).__name__}: {error}"
                    done.put(Compared(cell, "", findings=[ended]))
        finally:
            done.put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for _ in threads:
        while (compared := done.get()) is not None:
            yield compared
