"""Where a project is: from a folder to the places of its specification, runtime and outputs."""
