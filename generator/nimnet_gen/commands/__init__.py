"""The commands of `nimnet-gen`: a command line in, files written and an exit status out.

One file for each command, with its part of the command line (`add`) and what it does (`run`).
What a command finds goes to the standard output, faults to the standard error. A fault of the
specification, of the disk or of the user never shows as a traceback.
"""
