"""From the text of YAML files to nodes with positions, and faults as values.

Takes bytes; gives nodes (`nodes`), and the diagnostics that every later stage adds to.
"""
