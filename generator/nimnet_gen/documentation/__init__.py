"""The facts of a documentation: taken from what `nim jsondoc` says of a module.

Takes its JSON; gives the text of a file of facts, which `model` reads again.
"""
