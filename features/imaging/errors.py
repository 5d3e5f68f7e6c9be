"""Why a picture cannot be used."""

from core.errors import LookalikeError


class UnsupportedImage(LookalikeError):
    """The bytes are no picture of an allowed format."""

    code = "unsupported_image"


class UnreadableImage(LookalikeError):
    """The picture is broken."""

    code = "unreadable_image"


class ImageTooLarge(LookalikeError):
    """The picture is over a limit on bytes, pixels or side."""

    code = "image_too_large"
