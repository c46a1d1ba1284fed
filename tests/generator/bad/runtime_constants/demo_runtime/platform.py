import socket
import sys
from socket import SOCK_RAW, SOCK_STREAM
from typing import TYPE_CHECKING

MSG_PEEK: int = socket.MSG_PEEK
DECLARED: int
SOMAXCONN = OTHER = 5
if sys.platform == "win32":
    AF_UNIX = -1
else:
    AF_UNIX = int(socket.AF_UNIX)
if TYPE_CHECKING:
    FOR_CHECKERS = 1
