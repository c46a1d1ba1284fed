"""The kernel itself fails: what a call makes of that, and what it made of the seam's failure.

`tests/injection` fails operations in Python, at a seam below the runtime. Here the system call
below the same operation fails, in the same scenario: strace has the kernel refuse it. Both must
come to the same; what they disagree on is stated, with the reason, or is a finding.

    tracer              strace: attaches to a process, records and injects
    child               the process that is traced: scenarios, with the seam, at a signal
    correspondence.yaml which system calls stand behind an operation, and where both may differ
    correspondence      that table
    comparison          the same failure in both ways, for a sample of each callable
    campaign            the entry of `make system-calls`: totals
"""
