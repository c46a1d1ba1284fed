"""From nodes to the specification as frozen objects, which are also its schema.

Takes nodes; gives the surface (`surface`) and what is stated of it (`evidence`).
"""
