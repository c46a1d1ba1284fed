"""Measures nimnet against what a user would use instead, and each row against its goal.

rows         the table: what is compared with what, and what is wanted; and the curves
samples      what a measurement is
rounds       who is measured when: sides that take turns
ratios       what many rounds say: ratios, their spread, verdicts
builds       the pure and the compiled build, each in an environment of its own
processes    processes that one speaks with
sides        the sides that workers are: how these are started and asked
worker       the entry of a worker, which does one of the `works`
tasks        what a worker is told
peers        the other end of all connections
nim          Nim's program, `lines.nim`
starting     imports, and the generator
checking     mypy with the plugin, on copies of `estate`
measuring    finds the sides of each row, and has them measured
results      what came of it
reports      tells it: a table, a JSON, a page

No time is ever judged by a test. What makes a run fail is what could not be measured.
"""
