def port_of(number: int) -> int:
    return number
