from nimnet_effects import raises


class ShopError(Exception):
    pass


class OrderError(ShopError, ValueError):
    pass


class StockError(ShopError):
    pass


@raises(ShopError)
def by_its_base() -> None:
    raise OrderError


@raises(ValueError)
def by_its_other_base() -> None:
    raise OrderError


@raises(OrderError)
def sibling() -> None:
    if 1:
        raise OrderError
    raise StockError


@raises(OrderError)
def beside(flag: bool) -> None:
    if flag:
        raise OrderError
    raise StockError  # E: "StockError"


@raises()
def handled_by_a_base(flag: bool) -> None:
    try:
        if flag:
            raise OrderError
        raise StockError  # E: "StockError"
    except ValueError:
        pass
