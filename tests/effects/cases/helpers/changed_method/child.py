from cases.helpers.changed_method.base import Base


class Child(Base):
    pass
