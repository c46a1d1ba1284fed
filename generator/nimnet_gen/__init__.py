"""From a specification in YAML to a typed, documented and tested Python package.

The stages, each a folder that knows only the ones before it:

    project -> testing -> source -> model -> documentation -> naming -> stage -> runtime -> checks
    -> acting -> plan -> render -> files -> report -> comparison -> commands

A fault in the specification is a `Diagnostic` with a position, collected and never raised; output
is written only when there is none.
"""
