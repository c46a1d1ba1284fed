"""The other end of all connections: one process, which knows nothing of nimnet.

orders     what a worker asks of it, and how
server     the entry: a thread for each worker, which does what that one asks for
plain      the other end of plain connections
secured    the same over TLS, which is Python's own `ssl`
crowd      the other end of many connections at a time
"""
