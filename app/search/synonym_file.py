"""The shop's own synonyms, from the file that LOOKALIKE_SYNONYMS names."""

import logging
import threading
from pathlib import Path

from core.environment import Environment
from core.errors import InvalidSetting
from core.setting import Setting
from mappings.words.synonyms import BrokenSynonymRule, Synonyms, read_synonyms

SETTING = "LOOKALIKE_SYNONYMS"
SETTINGS = (
    Setting(
        SETTING,
        "",
        "text file of the shop's own synonyms (docs/SEARCH.md); read again when it changes",
    ),
)

log = logging.getLogger(__name__)


def synonym_path(environment: Environment) -> Path | None:
    """Return the file that the settings name, or None."""
    named = environment.text(SETTING)
    return Path(named).expanduser() if named else None


def load_synonyms(path: Path) -> Synonyms:
    """Return a file's synonyms; raises InvalidSetting naming the file, the line and the cure."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return read_synonyms(lines)
    except BrokenSynonymRule as error:
        raise InvalidSetting(f"{SETTING}: {path}, line {error.line}: {error}") from error
    except UnicodeDecodeError as error:
        raise InvalidSetting(f"{SETTING}: {path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise InvalidSetting(
            f"{SETTING}: {path} cannot be read ({error.strerror}); name a text file"
        ) from error


class SynonymFile:
    """Reads the synonyms, and again when the file has changed. Thread-safe.

    A file that breaks later is named in the log, and the last good synonyms stay.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Raises InvalidSetting unless the file is good."""
        self._path = path
        self._changing = threading.Lock()
        self._state = self._current_state()
        self._synonyms = load_synonyms(path) if path else Synonyms()

    def current(self) -> Synonyms:
        """Return the synonyms of the file as it is now, or as it was when it was last good."""
        state = self._current_state()
        # One caller reads a changed file while the others go on with the latest synonyms.
        if state != self._state and self._path and self._changing.acquire(blocking=False):
            try:
                self._synonyms = load_synonyms(self._path)
                log.info("%s: read again", self._path)
            except InvalidSetting as error:
                log.error("the synonyms stay as they were: %s", error)
            finally:
                self._state = state
                self._changing.release()
        return self._synonyms

    def _current_state(self) -> tuple[int, int] | None:
        """Return what changes with the file; None where it is not there."""
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size
