"""The signal types under which programs know pictures: `pdq`, `sha256` and our own `same_photo`.

A signal is a text of 64 hex digits. That of `same_photo` is the SHA-256 of a picture that is in a
bank or in the catalogue: it stands for the whole picture, which is compared as at the trust desk,
with crops, frames and overprints.
"""

import re

from core.errors import InvalidQuery, UnknownName

PDQ, SHA256, SAME_PHOTO = "pdq", "sha256", "same_photo"
SIGNAL_TYPES = (PDQ, SHA256, SAME_PHOTO)

FEATURES = {PDQ: "pdq", SHA256: "checksum"}
"""The feature that holds the values of a signal type in an entry's picture."""

HEX = re.compile(r"[0-9a-f]{64}")


def check_signal_type(name: str) -> str:
    """Return the signal type's name; raises UnknownName."""
    if name not in SIGNAL_TYPES:
        raise UnknownName("signal type", name, SIGNAL_TYPES)
    return name


def check_signal(signal_type: str, signal: str) -> str:
    """Return the signal in lower case; raises UnknownName, and InvalidQuery if it is malformed."""
    check_signal_type(signal_type)
    digits = signal.strip().lower()
    if not HEX.fullmatch(digits):
        raise InvalidQuery(f"a {signal_type} signal has 64 hexadecimal digits")
    return digits
