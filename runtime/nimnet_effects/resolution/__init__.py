"""Whom an expression calls: by the types that mypy has given it, never by its text.

What is found for a definition is kept, so that the second call of a function costs a look-up. No
room knows one below it in this list. From `functions` on, each has one class, which adds a kind of
target to the class before it; the last one is the `Resolver`.

    ignorance    how much of what a function without source does is known all the same
    targets      something that a call may call
    actuals      what a call gives, and which parameter gets it
    overloads    which forms of what is called a call may choose
    owners       the classes that the members of a value come from
    functions    functions, methods and overloads
    members      methods of a class, its constructor, and values that are called
    properties   what reading, writing or deleting an attribute calls
    protocols    special methods: of operators, of iteration
    inheritance  what `super()` has
    resolver     what is called by the expression before a call's parentheses
"""
