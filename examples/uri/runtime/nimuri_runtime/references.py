"""Resolution of references, after RFC 3986 section 5.2."""

from __future__ import annotations

from nimuri_runtime.parts import Parts


def resolved(base: Parts, reference: Parts) -> Parts:
    """Resolve a reference; one with the scheme of the base is taken as one without."""
    if reference.scheme not in ("", base.scheme):
        return reference._replace(path=without_dots(reference.path))
    whole = reference._replace(scheme=base.scheme)
    if reference.has_authority:
        return whole._replace(path=without_dots(reference.path))
    whole = whole._replace(
        username=base.username,
        password=base.password,
        hostname=base.hostname,
        port=base.port,
        opaque=base.opaque,
    )
    if not reference.path:
        return whole._replace(path=base.path, query=reference.query or base.query)
    return whole._replace(path=without_dots(_merged(base, reference.path)))


def _merged(base: Parts, path: str) -> str:
    if path.startswith("/"):
        return path
    if base.has_authority and not base.path:
        return f"/{path}"
    directory, slash, _ = base.path.rpartition("/")
    return directory + slash + path


def without_dots(path: str) -> str:
    """Return a path without segments that mean this folder or the one above it."""
    *folders, last = path.split("/")
    kept: list[str] = []
    for folder in folders:
        if folder == ".." and (len(kept) > 1 or (kept and kept[0])):
            kept.pop()
        elif folder not in (".", ".."):
            kept.append(folder)
    if last == ".." and (len(kept) > 1 or (kept and kept[0])):
        kept.pop()
    return "/".join([*kept, "" if last in (".", "..") else last])
