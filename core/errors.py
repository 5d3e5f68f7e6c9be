"""Every error a person can meet, one flat family.

Each class has a stable `code`; the message says what happened and what to do next. Domain code
raises meaning; only `app/errors.py` knows HTTP status codes.

    InvalidSetting      a configuration value cannot be used
    UnsupportedImage    the bytes are no picture of an allowed format
    UnreadableImage     the picture is broken
    ImageTooLarge       the picture is over a limit on bytes, pixels or side
    InvalidQuery        a parameter's value cannot be used
    UnknownName         a filter, facet, feature or measure nobody knows
    ModelMismatch       the index was built with another model or feature version
    ModelUnavailable    a model of a feature cannot be built or read
    TooFewPhotos        there are not enough photos to learn from or to judge by
    LeakySplit          photos to judge by are near-identical to photos learned from
    NotFound            no such product, picture or remembered query
    SignInNeeded        the trust desk wants to know who is there
    Forbidden           who is there may not do this, or it did not come from our own pages
    TooManyTries        too many failed sign-ins: there is a wait before the next
    IndexMissing        there is no index yet
    IndexBlocked        Elasticsearch refuses writes
    EngineUnavailable   Elasticsearch does not answer
    EngineRefused       Elasticsearch rejected a request of ours
    Busy                too much work is waiting already
    AddressRefused      an address must not be fetched
    FetchFailed         a picture could not be fetched
    FeedUnreadable      a feed cannot be read at all
    CaseTaken           somebody else has the case, or decided or changed it meanwhile
    NodeFailed          the local Elasticsearch node cannot be fetched, started or stopped
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar


class LookalikeError(Exception):
    """Something a person should be told, with what to do about it."""

    code: ClassVar[str] = "error"
    retry_after_s: int | None = None


class InvalidSetting(LookalikeError):
    """A configuration value cannot be used."""

    code = "invalid_setting"


class UnsupportedImage(LookalikeError):
    """The bytes are no picture of an allowed format."""

    code = "unsupported_image"


class UnreadableImage(LookalikeError):
    """The picture is broken."""

    code = "unreadable_image"


class ImageTooLarge(LookalikeError):
    """The picture is over a limit on bytes, pixels or side."""

    code = "image_too_large"


class InvalidQuery(LookalikeError):
    """A parameter's value cannot be used."""

    code = "invalid_query"


class UnknownName(LookalikeError):
    """A filter, facet, feature or measure nobody knows."""

    code = "unknown_name"

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {kind} {name[:80]!r}; known: {', '.join(sorted(known))}")


class ModelMismatch(LookalikeError):
    """The index was built with another model or feature version."""

    code = "model_mismatch"


class ModelUnavailable(LookalikeError):
    """A model of a feature cannot be built or read."""

    code = "model_unavailable"


class TooFewPhotos(LookalikeError):
    """There are not enough photos to learn from or to judge by."""

    code = "too_few_photos"


class LeakySplit(LookalikeError):
    """Photos to judge by are near-identical to photos learned from."""

    code = "leaky_split"


class NotFound(LookalikeError):
    """No such product, picture or remembered query."""

    code = "not_found"


class SignInNeeded(LookalikeError):
    """The trust desk wants to know who is there."""

    code = "sign_in_needed"


class Forbidden(LookalikeError):
    """Who is there may not do this, or it did not come from our own pages."""

    code = "forbidden"


class TooManyTries(LookalikeError):
    """Too many failed sign-ins: there is a wait before the next."""

    code = "too_many_tries"
    retry_after_s = 60

    def __init__(self, message: str, retry_after_s: int = retry_after_s) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class IndexMissing(LookalikeError):
    """There is no index yet."""

    code = "index_missing"
    retry_after_s = 5


class IndexBlocked(LookalikeError):
    """Elasticsearch refuses writes."""

    code = "index_blocked"
    retry_after_s = 30


class EngineUnavailable(LookalikeError):
    """Elasticsearch does not answer."""

    code = "engine_unavailable"
    retry_after_s = 2


class EngineRefused(LookalikeError):
    """Elasticsearch rejected a request of ours."""

    code = "engine_refused"


class Busy(LookalikeError):
    """Too much work is waiting already."""

    code = "busy"
    retry_after_s = 1


class AddressRefused(LookalikeError):
    """An address must not be fetched."""

    code = "address_refused"


class FetchFailed(LookalikeError):
    """A picture could not be fetched."""

    code = "fetch_failed"


class FeedUnreadable(LookalikeError):
    """A feed cannot be read at all."""

    code = "feed_unreadable"


class CaseTaken(LookalikeError):
    """Somebody else has the case, or decided or changed it meanwhile.

    `reviewer` is who, `at` when; None where the case was changed by nobody in particular.
    """

    code = "case_taken"

    def __init__(
        self, detail: str, reviewer: str | None = None, at: datetime | None = None
    ) -> None:
        super().__init__(detail)
        self.reviewer = reviewer
        self.at = at


class NodeFailed(LookalikeError):
    """The local Elasticsearch node cannot be fetched, started or stopped."""

    code = "node_failed"
