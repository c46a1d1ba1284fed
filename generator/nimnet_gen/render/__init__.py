"""From views and templates to files in memory, with the header that says who made them."""
