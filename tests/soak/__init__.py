"""Long runs: full-duplex traffic, and handshakes that fail.

soak         the entry: both, in one run
traffic      two threads on each side, for a while
handshakes   failures by the thousand, and what they leave behind
"""
