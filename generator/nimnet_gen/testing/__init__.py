"""What generated tests import, and the pytest plugin that selects, explains and records them.

It knows where a project is, and neither the specification's model nor what is under test: what a
symbol or a call must be is spelled out in the generated tests, so that a fault of the generator
cannot hide itself here.

    pytest -p nimnet_gen.testing.plugin

A project's own stage (what its scenarios begin with) stands in its own tests; the plugin asks it,
by the hook of `hooks`, what there is to tell of a scenario that failed.
"""

import pytest

# Their assertions show what they compare, as those of tests do.
pytest.register_assert_rewrite("nimnet_gen.testing.demands", "nimnet_gen.testing.symbols")
