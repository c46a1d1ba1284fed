"""What things are called in Python, and of what type they are there.

Takes the model; gives names, types, defaults, symbols and signatures.
"""
