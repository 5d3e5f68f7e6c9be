"""Why a search cannot go on from an earlier one."""

from core.errors import NotFound


class PhotoExpired(NotFound):
    """The photo of an earlier search, or its features, are no longer stored."""

    code = "photo_expired"
