"""A relay without delay: it takes every mail, pipelined, and counts. `python -m tests.bench.sink FD`."""

import socket
import sys
from threading import Thread

READ = 1 << 18
END = b"\r\n.\r\n"
ANSWERS = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}
TAKEN = b"250 2.0.0 Ok: queued as 4XyZ\r\n"


def serve(sock: socket.socket) -> None:
    """One connection. Everything that is there is answered in one write."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(b"220 sink\r\n")
    heard, content = bytearray(), False
    while read := sock.recv(READ):
        heard += read
        said = []
        while (end := heard.find(END if content else b"\r\n")) >= 0:
            if content:
                said.append(TAKEN)
                del heard[: end + len(END)]
                content = False
            else:
                verb = bytes(heard[:4]).upper()
                said.append(ANSWERS.get(verb, b"250 2.1.0 Ok\r\n"))
                del heard[: end + 2]
                content = verb == b"DATA"
        if said:
            sock.sendall(b"".join(said))


def main() -> None:
    listening = socket.socket(fileno=int(sys.argv[1]))
    while True:
        sock, _ = listening.accept()
        Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()
