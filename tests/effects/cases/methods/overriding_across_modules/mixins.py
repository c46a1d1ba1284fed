from cases.methods.overriding_across_modules.reading import fetch


class Undeclared:
    def load(self) -> bytes:
        return fetch()
