"""Misuse: every callable of the package, called with what it must refuse, and where it cannot work.

The calls are made from the specification's types, so that no callable and no parameter is
forgotten. Each parameter in turn gets values at and beyond its bounds and values of other types,
while the others are right; each method of sockets is called in every state that a socket can have.

    values     what a type takes: at its bounds, beyond them, and of other types
    surface    what there is to call, from the specification
    arguments  what is right for each parameter
    states     the states of sockets, and what each must still be able to do
    attempts   the calls of one form, and what is wrong with what came of them
    worker     the process that makes them
    campaign   workers, and what they have found
    __main__   the entry of `make misuse`: totals

A call that raises must have done nothing: the socket does with its peer what it would have done
without the call, nothing was sent and nothing is missing, and no descriptor is open that was not.
"""
