from cases.contracts.changed import library


def helper() -> bytes:
    return library.fetch()
