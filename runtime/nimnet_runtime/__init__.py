"""What the generated package `nimnet` stands on: sockets, deadlines, addresses and options.

Nothing in here knows the generated package. It speaks ints, bytes, bools and the few exception
classes of `nimnet_runtime.errors`.

Importing it should cost little more than importing `socket`. Its modules therefore do without
`typing` at run time: what only annotations need stands under `TYPE_CHECKING = False`, which type
checkers take for true.
"""
