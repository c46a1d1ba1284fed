"""From mypy's typed trees to flows.

One walk over a module: only nodes that may call something are looked at here. What a function does
is noted in the order of its source; what its own functions and lambdas do is theirs, until somebody
calls them.

No room knows one below it in this list. Each has one class, which adds a family of syntax to the
class before it; the last one is the `Extractor`.

    frames            the function that the walk is in, and the flow that is being written
    arguments         what calls give for parameters
    steps             calls of what has been resolved, as steps of the flow
    promises          what methods declare, and calls of what stands for them
    substitution      what is taken for a protocol that declares
    lambdas           what is known of the parameters of lambdas that are taken for these
    overriding        what methods stand for
    specials          special methods, and in which order Python looks for them
    operators         operators and comparisons
    accesses          attributes, subscripts and targets of assignments
    library           functions that call special methods of what they are given
    iteration         loops, comprehensions, generators, and functions that iterate
    results           generators and coroutines that are kept or returned
    tasks             tasks, and groups of them
    collecting        what `gather` returns instead of raising it
    calls             calls in the source
    assignments       what variables get
    patterns          `match`
    handlers          `try`, `raise` and `assert`
    exits             what an `__exit__` swallows
    narrowing         what conditions tell of a caught exception
    managers          `with`
    stacks            `ExitStack`
    decorators        what decorators make of functions
    definitions       functions, classes and lambdas
    class_statements  what making a class calls, and what is made for the fields of a dataclass
    extractor         a whole module, or one function of it
"""
