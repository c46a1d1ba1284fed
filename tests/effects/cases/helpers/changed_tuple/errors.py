ERRORS = (OSError, KeyError)
