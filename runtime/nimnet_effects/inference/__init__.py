"""From flows to effects: what escapes a function, and through which helpers it came.

An exception is known by the full name of its class. A handler takes what is of its class or of a
subclass; of an exception of a base class it takes the part that is its own, and the rest goes on.
Functions that call each other are evaluated until nothing is added: effects only ever grow, and
there are finitely many. Imports no mypy.

No room knows one below it in this list.

    hierarchy   classes of exceptions, and groups of them
    effects     what functions raise, as their callers see it
    walking     the steps of flows, and whom they call
    handling    what handlers take of what arrives, and what goes on
    starred     `except*`
    escaping    what leaves a flow
    generators  what is thrown at a `yield`
    evaluator   what a function does, and by which way
    fixpoint    functions that call each other
"""
