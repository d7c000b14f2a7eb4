"""A line that can be bad: between us and a service, it passes octets on, slowly, later, or not at all."""

import socket
import time
from contextlib import suppress
from threading import Event, Lock, Thread

PIECE = 1 << 14


class Proxy:
    """Listens on a free port; `upstream` is the path of a socket, or a port of this machine."""

    def __init__(self, upstream: str | int) -> None:
        self.upstream, self.delay = upstream, 0.0
        """`delay`: seconds each piece takes."""
        self._flows, self._lock = Event(), Lock()
        self._flows.set()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._listen, daemon=True).start()

    def stall(self) -> None:
        """Half-open: everybody stays connected, and newcomers too, and nothing arrives any more."""
        self._flows.clear()

    def resume(self) -> None:
        """What was held back arrives now."""
        self._flows.set()

    def cut(self) -> None:
        """Every connection breaks; new ones are welcome."""
        with self._lock:
            for each in self._open:
                _shut(each)

    def close(self) -> None:
        _shut(self._listener)
        self._listener.close()
        self.resume()
        self.cut()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._flows.wait()
        far = socket.socket(socket.AF_UNIX if isinstance(self.upstream, str) else socket.AF_INET)
        try:
            far.connect(self.upstream if isinstance(self.upstream, str) else ("127.0.0.1", self.upstream))
        except OSError:
            near.close()
            return
        with self._lock:
            self._open |= {near, far}
        for one, other in ((near, far), (far, near)):
            Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while octets := one.recv(PIECE):
                time.sleep(self.delay)
                self._flows.wait()
                other.sendall(octets)
        self._flows.wait()
        _shut(other)
        with self._lock:
            self._open.discard(other)
        other.close()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
