"""Deliberate faults: does the conformance suite notice when the runtime is wrong in one way?"""
