"""Decodes untrusted pictures in child processes, so that a bad file costs one request.

A decoder that crashes, hangs or grows takes its process with it, not the server. The children
live long, are started when first needed (after a server forks) and replaced when they fail.
"""

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType

from PIL import Image

from core.errors import Busy
from features.base import Picture
from features.imaging.decode import UPLOAD_LIMITS, DecodeLimits, check_file
from features.imaging.errors import UnreadableImage
from features.imaging.page_detail import as_picture, is_decoded_size
from features.imaging.sandbox_protocol import ANSWER, DECODED, LENGTH, READY, REFUSALS, receive

MEMORY_BYTES = 1_200_000_000
START_TIMEOUT_S = 30.0
PICTURES_PER_CHILD = 2000
LONGEST_MESSAGE = 2000
CHILD_VARIABLES = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONPATH")
"""The only variables a child gets: a compromised decoder must not find passwords."""


class Sandbox:
    """Up to `workers` decoding processes; safe between threads, usable after a fork.

    A picture gets `timeout_s` of wall time and `memory_bytes` of address space. Busy is
    raised when all workers stay occupied for `wait_s`.
    """

    def __init__(
        self,
        workers: int,
        limits: DecodeLimits = UPLOAD_LIMITS,
        memory_bytes: int = MEMORY_BYTES,
        timeout_s: float = 5.0,
        wait_s: float = 1.0,
    ) -> None:
        self._workers = workers
        self._limits = limits
        self._memory_bytes = memory_bytes
        self._timeout_s = timeout_s
        self._wait_s = wait_s
        self._start_empty()
        # After a fork, the children belong to the other process.
        start_empty = weakref.WeakMethod(self._start_empty)
        os.register_at_fork(after_in_child=lambda: (start := start_empty()) and start())

    def decode(self, data: bytes) -> Picture:
        """Return what `features.imaging.decode.decode` returns, and raise what it raises, or
        Busy."""
        # Checks that need no decoder need no child either.
        check_file(data, self._limits)
        if not self._free.acquire(timeout=self._wait_s):
            raise Busy("too many pictures are being read at this moment: try again in a second")
        try:
            child = self._take()
            try:
                return child.decode(data)
            finally:
                self._give_back(child)
        finally:
            self._free.release()

    def close(self) -> None:
        """End the children; a busy one ends after its picture."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start_empty(self) -> None:
        self._free = threading.BoundedSemaphore(self._workers)
        self._idle: list[_Child] = []
        self._closed = False

    def _give_back(self, child: "_Child") -> None:
        if child.is_in_step and child.served < PICTURES_PER_CHILD and not self._closed:
            self._idle.append(child)
        else:
            child.close()

    def _take(self) -> "_Child":
        # Appending and popping are atomic; the semaphore bounds how many are out.
        with contextlib.suppress(IndexError):
            while True:
                child = self._idle.pop()
                if child.is_alive():
                    return child
                child.close()
        return _Child(self._limits, self._memory_bytes, self._timeout_s)


class _Child:
    """One decoding process and the socket to it."""

    def __init__(self, limits: DecodeLimits, memory_bytes: int, timeout_s: float) -> None:
        self._limits = limits
        self._timeout_s = timeout_s
        self.served = 0
        self.is_in_step = True
        arguments = json.dumps([asdict(limits), memory_bytes, timeout_s])
        self._link, child_end = socket.socketpair()
        with child_end:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "features.imaging.sandbox_child", arguments],
                stdin=child_end.fileno(),
                stdout=subprocess.DEVNULL,
                # The folder of this package, where `-m` looks first.
                cwd=Path(__file__).parents[2],
                env={name: os.environ[name] for name in CHILD_VARIABLES if name in os.environ},
            )
        try:
            self._link.settimeout(START_TIMEOUT_S)
            if self._link.recv(1) != READY:
                raise EOFError
        except (OSError, EOFError) as error:
            self.close()
            raise Busy("the decoding process cannot be started: see the server's log") from error

    def is_alive(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def decode(self, data: bytes) -> Picture:
        """Return the picture; `is_in_step` is False after a failure that lost the process."""
        self.served += 1
        self.is_in_step = False
        try:
            kind, width, height, across, down = ANSWER.unpack(self._ask(data))
            body = self._receive(self._body_size(kind, width, across, down))
        except TimeoutError as error:
            raise UnreadableImage(
                f"the picture was not read within {self._timeout_s:g} s: send a smaller one, "
                "or save it anew as JPEG or PNG"
            ) from error
        except (OSError, EOFError) as error:
            raise UnreadableImage(
                "the picture made its decoder stop: open it in a picture editor and save it anew"
            ) from error
        self.is_in_step = True
        if kind != DECODED:
            raise REFUSALS[kind](body.decode(errors="replace"))
        pixels = Image.frombytes("RGB", (across, down), body)
        picture = as_picture(pixels, width, height, self._limits.max_pixels_side)
        return replace(picture, sha256=hashlib.sha256(data).hexdigest())

    def close(self) -> None:
        """End the process at once; it has nothing to lose."""
        self._link.close()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _ask(self, data: bytes) -> bytearray:
        self._deadline = time.monotonic() + self._timeout_s
        self._link.settimeout(self._timeout_s)
        self._link.sendall(LENGTH.pack(len(data)))
        self._link.sendall(data)
        return self._receive(ANSWER.size)

    def _receive(self, length: int) -> bytearray:
        return receive(self._link, length, self._deadline)

    def _body_size(self, kind: int, width: int, across: int, down: int) -> int:
        """Return how many bytes follow; a faulty child must not fill our memory."""
        limits = self._limits
        if kind == DECODED and is_decoded_size(
            across, down, limits.max_pixels_side, limits.max_side
        ):
            return across * down * 3
        if kind < DECODED and width <= LONGEST_MESSAGE:
            return width
        raise EOFError
