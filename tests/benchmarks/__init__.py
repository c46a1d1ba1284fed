"""Measures what the design promises about speed, against what a user would use instead.

bench      the entry: everything, in one run
table      contenders that take turns, and the table of what they took
starting   the generator, and imports
peer       the other end of plain sockets, in a process of its own
plain      sockets over loopback, against `socket` and `makefile`
tls        TLS over loopback, against `ssl`
"""
