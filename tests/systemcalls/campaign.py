"""Many cells at a time: which of them, and what the comparisons have shown."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from injection import failures
from injection.cells import Cell, cells
from injection.contracts import contracts
from injection.scenarios import SCENARIOS

from systemcalls import correspondence
from systemcalls.comparison import Child, Compared, compare

_KINDS: Final = {"tls12": "tls", "tls13": "tls", "psk12": "psk", "psk13": "psk"}


def chosen(wanted: Sequence[str]) -> list[Cell]:
    """Returns the cells to compare: each scenario, once on each kind of transport.

    Args:
        wanted: Parts of the names of cells; empty for all.
    """
    found: dict[tuple[str, str, str], Cell] = {}
    for cell in cells(SCENARIOS):
        kind = _KINDS.get(cell.transport, cell.transport)
        key = (cell.scenario.callable, cell.scenario.name, kind)
        if not wanted or any(part in cell.name for part in wanted):
            found.setdefault(key, cell)
    return list(found.values())


def failing(table: failures.Table, cell: Cell) -> dict[str, tuple[str, ...]]:
    """Returns what each operation of the system can fail with in a cell."""
    return {
        name: tuple(failure.name for failure in table.failures(name, cell.transport))
        for name in table.system
    }


def run(workers: int, sample: int, wanted: Sequence[str] = ()) -> Iterator[Compared]:
    """Compares cells, in several processes; yields what each has shown.

    Args:
        workers: How many processes.
        sample: How many failures of each operation.
        wanted: Parts of the names of cells; empty for all.
    """
    declared = contracts()
    table = correspondence.load()
    known = failures.load()
    todo: queue.SimpleQueue[Cell] = queue.SimpleQueue()
    done: queue.SimpleQueue[Compared | None] = queue.SimpleQueue()
    for one in chosen(wanted):
        todo.put(one)

    def work() -> None:
        try:
            while not todo.empty():
                name = "none"
                try:
                    with Child() as child:
                        while True:
                            cell = todo.get_nowait()
                            name, contract = cell.name, declared[cell.scenario.callable]
                            possible = failing(known, cell)
                            done.put(compare(name, contract, possible, table, child, sample))
                except queue.Empty:
                    return
                except Exception as error:
                    ended = f"the comparison has ended: {type(error).__name__}: {error}"
                    done.put(Compared(name, "", findings=[ended]))
        finally:
            done.put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for _ in threads:
        while (compared := done.get()) is not None:
            yield compared
