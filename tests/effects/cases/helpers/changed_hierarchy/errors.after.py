class Problem(Exception):
    pass


class Small(Exception):
    pass
