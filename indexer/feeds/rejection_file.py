"""The file that names what did not go in: one JSON object a line."""

import json
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from core.errors import InvalidSetting
from indexer.feeds.rows import Rejection

TEXT_CHARACTERS = 300


class RejectionFile:
    """Writes rejections as they come, so that a killed load leaves what it knew. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._lock = threading.Lock()
        try:
            self._file = path.open("w", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise InvalidSetting(f"{path} cannot be written: {error.strerror}") from error

    def add(self, rejection: Rejection) -> None:
        """Write one rejection."""
        fields = {
            name: value[:TEXT_CHARACTERS] if isinstance(value, str) else value
            for name, value in asdict(rejection).items()
        }
        with self._lock:
            self.count += 1
            self._file.write(json.dumps(fields, ensure_ascii=False) + "\n")
            self._file.flush()

    def __enter__(self) -> "RejectionFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; without a rejection there is none, not even one of an earlier load."""
        self._file.close()
        if not self.count:
            self.path.unlink(missing_ok=True)
