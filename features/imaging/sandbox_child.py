"""Decodes pictures for `features.imaging.sandbox`, with little memory, time and rights.

Started as ``python -m features.imaging.sandbox_child LIMITS MEMORY_BYTES TIMEOUT_S`` with a socket
as standard input. It sends one byte when it is ready. A request is a length and that many bytes; an
answer is `ANSWER` and the bytes it announces. No numpy, no TensorFlow.
"""

import contextlib
import json
import math
import os
import resource
import select
import signal
import socket
import sys

from core.errors import LookalikeError
from features.imaging.decode import DecodeLimits, decode_pixels
from features.imaging.errors import ImageTooLarge
from features.imaging.file_type import ACCEPTABLE
from features.imaging.sandbox_protocol import (
    ANSWER,
    DECODED,
    LENGTH,
    READY,
    REFUSALS,
    example_files,
    receive,
)

ORPHAN_CHECK_S = 10
OPEN_FILES = 16


def main() -> None:
    """Serve until the parent closes the socket or ends."""
    limits, memory_bytes, timeout_s = json.loads(sys.argv[1])
    # Ctrl-C goes to the whole group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=0) as link:
        _warm_up()
        _give_up_rights(memory_bytes)
        link.sendall(READY)
        serve(link, DecodeLimits(**limits), timeout_s)


def serve(link: socket.socket, limits: DecodeLimits, timeout_s: float) -> None:
    """Answer requests until the socket is closed or the parent has ended."""
    parent = os.getppid()
    poll = select.poll()
    poll.register(link, select.POLLIN)
    with contextlib.suppress(ConnectionError, EOFError):
        while os.getppid() == parent:
            if poll.poll(ORPHAN_CHECK_S * 1000):
                (length,) = LENGTH.unpack(receive(link, LENGTH.size))
                _renew_time(timeout_s)
                answer(link, bytes(receive(link, length)), limits)


def answer(link: socket.socket, data: bytes, limits: DecodeLimits) -> None:
    """Decode one picture and send its pixels, or the error."""
    try:
        picture = decode_pixels(data, limits)
        pixels = picture.detail or picture.pixels
        head = ANSWER.pack(DECODED, picture.width, picture.height, *pixels.size)
        body = pixels.tobytes()
    except MemoryError:
        _refuse(link, ImageTooLarge("the picture needs too much memory: send a smaller one"))
    except LookalikeError as error:
        _refuse(link, error)
    else:
        link.sendall(head)
        link.sendall(body)


def _refuse(link: socket.socket, error: LookalikeError) -> None:
    message = str(error).encode()
    link.sendall(ANSWER.pack(REFUSALS.index(type(error)), len(message), 0, 0, 0) + message)


def _warm_up() -> None:
    """Trigger the late imports of decoding while files can still be opened."""
    for data in example_files():
        with contextlib.suppress(LookalikeError):
            decode_pixels(data, DecodeLimits(dict.fromkeys(ACCEPTABLE, 64)))


def _give_up_rights(memory_bytes: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))
    # Decoders' messages about broken files do not belong in a server's log.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _renew_time(timeout_s: float) -> None:
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + timeout_s) + 1, hard))


if __name__ == "__main__":
    main()
