ERRORS = (KeyError,)
