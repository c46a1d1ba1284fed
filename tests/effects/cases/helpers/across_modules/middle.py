from cases.helpers.across_modules import bottom


def through() -> bytes:
    return bottom.make().work()


def resting() -> None:
    bottom.make().rest()
