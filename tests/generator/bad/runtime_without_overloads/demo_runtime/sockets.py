def port_of(number: int = 0) -> int:
    return number
