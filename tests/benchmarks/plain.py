"""Sockets over loopback, against `socket` and `makefile`."""

import socket
from typing import Final

from nimnet import Socket

from benchmarks.peer import CONSUME, ECHO, PRODUCE, Exchange, peer
from benchmarks.table import MILLISECONDS, compare, discard, per

LINE: Final = b"x" * 78 + b"\r\n"
LINES: Final = 100_000
REPLY: Final = b"$3\r\nabc\r\n"
REPLIES: Final = 50_000
BULK: Final = 100 * 1024 * 1024
SMALL: Final = 16
SMALL_READS: Final = 100_000
SENDS: Final = 30_000
ROUND_TRIPS: Final = 3_000


def compare_all() -> None:
    with peer() as port:
        compare_lines(port)
        compare_replies(port)
        compare_small_reads(port)
        compare_bulk(port)
        compare_sending(port)
        compare_round_trips(port)


def compare_lines(port: int) -> None:
    def readline(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            while line := file.readline():
                line.rstrip(b"\r\n")

    def iterate(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in file:
                pass

    def recv_line(sock: Socket) -> None:
        while sock.recv_line():
            pass

    def recv_line_within(sock: Socket) -> None:
        while sock.recv_line(10_000):
            pass

    def lines(sock: Socket) -> None:
        for _ in sock.lines():
            pass

    def read_line(sock: Socket) -> None:
        line = bytearray(b" ")
        while line:
            sock.read_line(line)

    exchange = Exchange(port, PRODUCE, LINE, LINES)
    contenders = {
        "makefile().readline().rstrip()": exchange.over_socket(readline),
        "iterating over makefile(), ends kept": exchange.over_socket(iterate),
        "nimnet recv_line()": exchange.over_nimnet(recv_line),
        "nimnet recv_line(timeout)": exchange.over_nimnet(recv_line_within),
        "nimnet read_line(bytearray)": exchange.over_nimnet(read_line),
        "nimnet lines()": exchange.over_nimnet(lines),
    }
    compare("Lines of 80 bytes", per("line", LINES), 15, contenders)


def compare_bulk(port: int) -> None:
    def recv_into(sock: socket.socket) -> None:
        data = memoryview(bytearray(BULK))
        done = 0
        while done < BULK:
            done += sock.recv_into(data[done:])

    def read(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            file.read(BULK)

    def recv_pointer(sock: Socket) -> None:
        sock.recv(memoryview(bytearray(BULK)), BULK)

    exchange = Exchange(port, PRODUCE, b"x" * 1024, BULK // 1024)
    contenders = {
        "socket.recv_into() in a loop": exchange.over_socket(recv_into),
        "makefile().read(size)": exchange.over_socket(read),
        "nimnet recv(size)": exchange.over_nimnet(lambda sock: discard(sock.recv(BULK))),
        "nimnet recv(size, timeout)": exchange.over_nimnet(
            lambda sock: discard(sock.recv(BULK, 60_000))
        ),
        "nimnet recv(memoryview, size)": exchange.over_nimnet(recv_pointer),
        "nimnet skip(size)": exchange.over_nimnet(lambda sock: discard(sock.skip(BULK))),
    }
    compare("One read of 100 MiB", MILLISECONDS, 7, contenders)


def compare_small_reads(port: int) -> None:
    def read(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in range(SMALL_READS):
                file.read(SMALL)

    def recv(sock: Socket) -> None:
        for _ in range(SMALL_READS):
            sock.recv(SMALL)

    exchange = Exchange(port, PRODUCE, b"x" * SMALL, SMALL_READS)
    contenders = {
        "makefile().read(16)": exchange.over_socket(read),
        "nimnet recv(16)": exchange.over_nimnet(recv),
    }
    compare("Reads of 16 bytes", per("read", SMALL_READS), 9, contenders)


def compare_replies(port: int) -> None:
    def with_makefile(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in range(REPLIES):
                file.read(int(file.readline().rstrip(b"\r\n")[1:]))
                file.readline()

    def with_nimnet(sock: Socket) -> None:
        for _ in range(REPLIES):
            sock.recv(int(sock.recv_line()[1:]))
            sock.recv_line()

    exchange = Exchange(port, PRODUCE, REPLY, REPLIES)
    contenders = {
        "makefile(): readline, read, readline": exchange.over_socket(with_makefile),
        "nimnet: recv_line, recv, recv_line": exchange.over_nimnet(with_nimnet),
    }
    compare("Redis replies: a length, 3 bytes, CR LF", per("reply", REPLIES), 9, contenders)


def compare_sending(port: int) -> None:
    def sendall(sock: socket.socket) -> None:
        for _ in range(SENDS):
            sock.sendall(LINE)
        sock.recv(1)

    def send(sock: Socket) -> None:
        for _ in range(SENDS):
            sock.send(LINE)
        sock.recv(1)

    def send_within(sock: Socket) -> None:
        for _ in range(SENDS):
            sock.send(LINE, timeout=10_000)
        sock.recv(1)

    exchange = Exchange(port, CONSUME, b"", SENDS * len(LINE))
    contenders = {
        "socket.sendall()": exchange.over_socket(sendall),
        "nimnet send()": exchange.over_nimnet(send),
        "nimnet send(timeout)": exchange.over_nimnet(send_within),
    }
    compare("Sending 80 bytes at a time", per("send", SENDS), 9, contenders)


def compare_round_trips(port: int) -> None:
    def with_makefile(sock: socket.socket) -> None:
        with sock.makefile("rb") as file:
            for _ in range(ROUND_TRIPS):
                sock.sendall(LINE)
                file.readline()

    def with_nimnet(sock: Socket) -> None:
        for _ in range(ROUND_TRIPS):
            sock.send(LINE)
            sock.recv_line()

    exchange = Exchange(port, ECHO, b"", ROUND_TRIPS)
    contenders = {
        "socket.sendall() and makefile().readline()": exchange.over_socket(with_makefile),
        "nimnet send() and recv_line()": exchange.over_nimnet(with_nimnet),
    }
    compare("A line to an echo and back", per("round trip", ROUND_TRIPS), 9, contenders)
