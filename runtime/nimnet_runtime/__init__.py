"""What the generated package `nimnet` stands on: sockets, deadlines, addresses and options.

Nothing in here knows the generated package. It speaks ints, bytes, bools and the few exception
classes of `nimnet_runtime.errors`.
"""
