class Problem(Exception):
    pass


class Small(Problem):
    pass
