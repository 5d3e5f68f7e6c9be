"""What a page says before a photo is sent: how large it may be, and how long it is stored."""

from dataclasses import dataclass
from datetime import timedelta

from app.pages.figures import duration
from app.pages.language import Language
from features.imaging.decode import UPLOAD_LIMITS

FILE_BYTES = 32_000_000
"""Largest file that a browser is asked to scale down: above, phones run out of memory."""


@dataclass(frozen=True)
class UploadRules:
    """`file_bytes` is the limit on a file that the browser scales down, `sent_bytes` on what is
    sent; `hint` says what becomes of the photo."""

    file_bytes: int
    sent_bytes: int
    hint: str


def upload_rules(stored_s: float, language: Language) -> UploadRules:
    """Return the rules where photos are stored for so many seconds."""
    if stored_s == 0:
        hint = language.text("search.hint.not_stored")
    else:
        hint = language.text("search.hint", age=duration(timedelta(seconds=stored_s), language))
    return UploadRules(FILE_BYTES, UPLOAD_LIMITS.max_bytes, hint)
