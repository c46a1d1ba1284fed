class SslError(Exception): ...


class TimeoutError(Exception): ...


class LidError(Exception):
    code: int = 1
    color: int = 2


class HingeError(Exception):
    angle: int = 0


class LoopError(Exception): ...


class PoolError(Exception): ...
