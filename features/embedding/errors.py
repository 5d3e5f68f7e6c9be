"""Why a model cannot be trained or judged."""

from core.errors import LookalikeError


class TooFewPhotos(LookalikeError):
    """There are not enough photos to learn from or to judge by."""

    code = "too_few_photos"


class LeakySplit(LookalikeError):
    """Photos to judge by are near-identical to photos learned from."""

    code = "leaky_split"
