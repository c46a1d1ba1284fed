"""From a specification in YAML to a typed, documented and tested Python package.

The stages, each a module that knows only the one before it:

    source -> load -> model -> check -> plan -> render -> write

A fault in the specification is a `Diagnostic` with a position, collected and never raised; output
is written only when there is none.
"""
