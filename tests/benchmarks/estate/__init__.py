"""One service, whose copies make up a project that is large enough to measure mypy on.

It is code as users of nimnet write it: what faces the network declares what it raises, helpers do
not, and callers handle it or pass it on. `benchmarks.checking` copies it, each copy a package.
"""
