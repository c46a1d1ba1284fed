"""A test that takes too long, or crashes, is one failed test, with its stacks; the others go on.

Tests run in workers, also where there is only one; the process that keeps the books runs none. A
worker writes into a file what it is at, and until when (`note`, `worker`). A thread of the other
process reads that (`watch`). A worker that is overdue gets a signal, on which it writes its stacks
and dies, whatever it is inside of; what it has started is ended after it. Another worker takes its
place, and the test is reported as failed (`controller`). Where there is no other process, the
stacks are written and the test goes on (`alone`).

A worker that crashes writes its stacks into the same file, in the handler of the fatal signal. How
it ended its parent knows (`processes`), and what the test had written until then is in files that
the parent has opened (`captured`).

Nothing is raised inside the test: an exception would land in whatever runs, be it pytest's own
code, and cannot interrupt a call in C. Nor does a timer of faulthandler's end the worker: there is
one in a process, pytest cancels it after each failure, as does every run of pytest inside a test,
and a forked child, which has the timer but not its thread, waits for that at its end for ever.
"""
