"""Suppresses Pillow's warnings while any thread decodes, and restores the filters afterwards."""

import threading
import warnings
from types import TracebackType


class WarningSuppression:
    """Suppresses the warnings of some modules; threads may share it.

    `warnings.catch_warnings` alone is not safe between threads: interleaved, it restores the
    wrong filters for good. So the first thread in sets them and the last one out restores them.
    """

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.filterwarnings("ignore", module=self._module)
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(kind, error, trace)
