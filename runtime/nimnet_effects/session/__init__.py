"""One process of mypy: what its modules do, what they rest on, and what was kept of them before.

No room knows one below it in this list.

    definitions   what a module's tree has: its functions, and what it imports
    project       mypy's modules, and which of them are looked into
    packages      what contract files say of packages
    records       what modules do, found in this run or a former one
    declared      what functions declare
    ahead         the types of what mypy has not come to yet
    names         names of the configuration that nothing has
    world         what the analysis of one module asks
    session       the moments of a run
"""
