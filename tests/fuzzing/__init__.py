"""Wrong specifications made by chance, and what must become of each.

`mutations` changes a specification in one to three places; `trial` lets the generator judge the
result, and looks at what it accepts: it must import and type-check. `python -m fuzzing` (which
`make fuzz-spec` calls) does that for as long as one likes; `tests/generator` has a sample.
"""
