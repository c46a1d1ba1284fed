"""Fault injection: each operation below a call of the package fails in turn, in each way it can.

The contract of a call says what may leave it. Here is the proof: for every callable of the
specification, in every overload, on every transport that it works on, a scenario makes the call
between real sockets. A first run counts the operations that the call performs below itself; then,
in one fresh scenario after the other, the first of them fails, the second, and so on.

    failures.yaml  what each operation can fail with, and who says so
    failures       that table, and the failures as objects
    seam           between the runtime and all that it stands on: counts the operations, fails one
    peer           the other end of the scenarios, in a process of its own
    stage          one scenario's sockets, contexts and files
    scenarios/     a scenario for each callable
    contracts      what each callable declares, from the specification
    trial          one call with one failure: what it did, and what is wrong with that
    judgment       what may leave a call, and what its message must say
    aftermath      what a call leaves: of its socket, of what had arrived, at the peer
    limit          an end for what does not end by itself
    descriptors    which descriptors are left open, and which of others' were closed
    allocations    the same for the allocations of the interpreter
    cells          a callable on a transport, and all that can be tried with it
    worker         the process that tries: it has the seam below the runtime
    campaign       workers, what they have found, and the totals for each callable
    __main__       the entry of `make faults`: progress, totals

It is not `tests/faults`, where the runtime is broken to see whether the tests notice. Here the
runtime is as it is, and what it stands on breaks.
"""
