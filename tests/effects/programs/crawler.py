"""A crawler of one site: follows links breadth first, in polite order, over HTTP/1.1 with TLS.

It was written for the check of effects: the parts that others would call declare what they raise,
the helpers below them mostly do not.
"""

from __future__ import annotations

import contextlib
import html.parser
import re
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

import nimnet
from nimnet import Port, Socket, SslContext, SslError, raises

MOST_REDIRECTS = 5
LARGEST_PAGE = 1 << 20
PAUSE = 0.1


class CrawlError(Exception):
    """A page could not be had."""


class StatusError(CrawlError):
    """The server answered, but not with a page."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(f"{url}: {status}")
        self.status = status


class MalformedAnswerError(CrawlError):
    """The server does not speak HTTP."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def location(self) -> str:
        """Where a redirection leads; such an answer must have it."""
        if "location" not in self.headers:
            raise MalformedAnswerError("a redirection to nowhere")
        return self.headers["location"]

    @property
    def length(self) -> int | None:
        return number(self.headers["content-length"]) if "content-length" in self.headers else None


def number(text: str, base: int = 10) -> int:
    if not re.fullmatch(r"[0-9a-fA-F]+", text):
        raise MalformedAnswerError(f"no number: {text!r}")
    try:
        return int(text, base)
    except ValueError:
        raise MalformedAnswerError(f"not to the base of {base}: {text!r}") from None


class Links(html.parser.HTMLParser):
    """Collects what the anchors of a page lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


class Reader:
    """Reads an answer from a connection."""

    def __init__(self, connection: Socket) -> None:
        self._connection = connection

    def line(self) -> str:
        line = self._connection.recv_until(b"\r\n", max_length=8192)
        if not line.endswith(b"\r\n"):
            raise MalformedAnswerError("a line is cut off")
        return line[:-2].decode("latin-1")

    def exactly(self, size: int) -> bytes:
        if size > LARGEST_PAGE:
            raise CrawlError("the page is too large")
        data = self._connection.recv(size)
        if len(data) < size:
            raise MalformedAnswerError("the page is cut off")
        return data

    def headers(self) -> Iterator[tuple[str, str]]:
        while line := self.line():
            name, colon, value = line.partition(":")
            if not colon:
                raise MalformedAnswerError(f"no header: {line!r}")
            yield name.strip().lower(), value.strip()

    def chunks(self) -> Iterator[bytes]:
        while size := number(self.line().partition(";")[0].strip(), 16):
            yield self.exactly(size)
            self.line()
        for _ in self.headers():
            pass

    def rest(self) -> bytes:
        parts = bytearray()
        while part := self._connection.recv_some(65_536):
            parts += part
            if len(parts) > LARGEST_PAGE:
                raise CrawlError("the page is too large")
        return bytes(parts)

    def answer(self) -> Answer:
        version, _, status = self.line().partition(" ")
        if not version.startswith("HTTP/1."):
            raise MalformedAnswerError(f"not HTTP: {version!r}")
        headers = dict(self.headers())
        head = Answer(number(status[:3]), headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(self.chunks())
        elif head.length is not None:
            body = self.exactly(head.length)
        else:
            body = self.rest()
        return Answer(head.status, headers, body)


class Site:
    """Fetches pages of one origin, one connection each, and waits between them."""

    def __init__(self, context: SslContext, timeout: int = 10_000) -> None:
        self._context = context
        self._timeout = timeout
        self._last = 0.0

    @contextlib.contextmanager
    def _connected(self, url: str) -> Iterator[Socket]:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        with nimnet.dial(
            parts.hostname or "",
            Port(parts.port or (443 if secure else 80)),
            context=self._context if secure else None,
            safe_disconn=False,
        ) as connection:
            yield connection

    def _wait(self) -> None:
        time.sleep(max(0.0, self._last + PAUSE - time.monotonic()))
        self._last = time.monotonic()

    def _get(self, url: str) -> Answer:
        self._wait()
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        with nimnet.fail_after(self._timeout), self._connected(url) as connection:
            connection.send(request.encode("ascii", "replace"))
            return Reader(connection).answer()

    @raises(CrawlError)
    def page(self, url: str) -> tuple[str, bytes]:
        """Returns a page and where it was found in the end."""
        for _ in range(MOST_REDIRECTS):
            try:
                answer = self._get(url)
            except (OSError, SslError, ValueError) as error:
                raise CrawlError(f"{url}: {error}") from error
            if answer.status in (301, 302, 303, 307, 308):
                url = urljoin(url, answer.location)
            elif answer.status != 200:
                raise StatusError(url, answer.status)
            else:
                return url, answer.body
        raise CrawlError(f"{url}: too many redirections")


@dataclass
class Crawl:
    """What is known of a site: pages, links that lead nowhere, and what could not be read."""

    site: Site
    most: int = 100
    pages: dict[str, int] = field(default_factory=dict)
    dead: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @raises()
    def run(self, start: str) -> None:
        """Follows links from a page on; what fails is noted."""
        waiting, seen = deque([start]), {start}
        while waiting and len(self.pages) < self.most:
            url = waiting.popleft()
            try:
                found, body = self.site.page(url)
            except StatusError as error:
                self.dead[url] = error.status
                continue
            except CrawlError as error:
                self.failed[url] = str(error)
                continue
            self.pages[url] = len(body)
            for link in self.links(found, body):
                if link not in seen and urlsplit(link).netloc == urlsplit(start).netloc:
                    seen.add(link)
                    waiting.append(link)

    @staticmethod
    def links(base: str, body: bytes) -> set[str]:
        parser = Links()
        parser.feed(body.decode("utf-8", "replace"))
        return {urldefrag(urljoin(base, link)).url for link in parser.found}


@raises(OSError, SslError)
def crawl(start: str, ca_file: str = "") -> Crawl:
    """Crawls a site from one page on."""
    crawled = Crawl(Site(nimnet.new_context(ca_file=ca_file)))
    crawled.run(start)
    return crawled


@raises(CrawlError, OSError, SslError, ValueError)
def size_of(url: str, context: SslContext) -> int:
    """Returns how large a page is, without the deadline of a site."""
    connection = Site(context)._connected(url)
    with connection as socket:
        socket.send(b"GET / HTTP/1.0\r\n\r\n")
        return len(Reader(socket).answer().body)
