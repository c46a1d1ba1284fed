"""The oracle: the original itself in the scenarios of a specification, as tests of pytest.

The generator writes each scenario as a proc in Nim, and beside them a document about all of them
(`cells`). They are compiled to one program (`compiling`), which plays one scenario (`program`) and
talks with its runner, who plays the peer (`conversation`); what was seen is held against what the
specification says of the original (`outcome`), and the plugin sums it up (`plugin`).

A project without a stage needs no more than this, with a module `support` in Nim that exports the
original and `scenarios`:

    from nimnet_gen.testing.oracle import Oracle

    ORACLE = Oracle(project_folder, support=Path(__file__).parent)

    @pytest.mark.parametrize("cell", ORACLE.cells, ids=str)
    def test_nim(cell: Cell, request: pytest.FixtureRequest) -> None:
        ORACLE.judge(cell, request.node)

One with a stage gives its own Nim module `stage` in place of the one here, and the `peer`.
"""

from __future__ import annotations

from nimnet_gen.testing.oracle.cells import Cell
from nimnet_gen.testing.oracle.runner import Oracle

__all__ = ["Cell", "Oracle"]
