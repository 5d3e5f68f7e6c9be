"""What saves the pipeline from fetching and computing a picture again."""

from dataclasses import dataclass, field
from typing import Protocol

from features.base import Json
from features.fetching.web import Validators


@dataclass(frozen=True)
class KnownPicture:
    """The picture that an address gave, and what its server said of that version."""

    image_id: str
    validators: Validators = field(default_factory=Validators)


class PictureMemory(Protocol):
    """Remembers what addresses gave, fetches what is newer, and finds stored pictures."""

    def picture(self, address: str) -> KnownPicture | None:
        """Return what an address gave when it was last fetched."""
        ...

    def store_picture(self, address: str, picture: KnownPicture) -> None:
        """Remember what an address gave."""
        ...

    def fetch_changed(self, address: str, earlier: Validators) -> tuple[bytes | None, Validators]:
        """Return what is at an address and its validators, None where it is the known version."""
        ...

    def stored_elsewhere(self, image_id: str) -> list[Json]:
        """Return the documents of a picture, and of its parts, that another product has."""
        ...
