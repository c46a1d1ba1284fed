"""Programs of several kinds that the check of effects is read over.

They are checked with everything else of the project. What the check finds and cannot happen is
silenced where it stands, with the reason: it follows types, and not values.
"""
