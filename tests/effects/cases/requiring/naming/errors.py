class OuterError(Exception):
    class InnerError(Exception):
        pass


class TimeoutError(OSError):
    pass
