"""From mypy's typed trees to flows.

One walk over a module: only nodes that may call something are looked at here. What a function does
is noted in the order of its source; what its own functions and lambdas do is theirs, until somebody
calls them.

No room knows one below it in this list. Each has one class, which adds a family of syntax to the
class before it; the last one is the `Extractor`.

    frames        the function that the walk is in, and the flow that is being written
    arguments     what calls give for parameters
    steps         calls of what has been resolved, as steps of the flow
    promises      what methods declare, and calls of what stands for them
    substitution  what is taken for a protocol that declares
    overriding    what methods stand for
    operators     operators and comparisons
    accesses      attributes, subscripts and targets of assignments
    iteration     loops, comprehensions, generators, and functions that iterate
    calls         calls in the source
    assignments   what variables get
    patterns      `match`
    handlers      `try`, `raise` and `assert`
    exits         what an `__exit__` swallows
    narrowing     what conditions tell of a caught exception
    managers      `with`
    stacks        `ExitStack`
    decorators    what decorators make of functions
    definitions   functions, classes and lambdas
    extractor     a whole module, or one function of it
"""
