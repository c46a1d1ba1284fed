from elsewhere import Base


class Fitting:
    volts: int
    __slots__ = ("serial_number",)

    @property
    def label(self) -> int: ...

    def dim(self) -> int: ...


class Lantern(Base): ...
