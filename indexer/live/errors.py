"""Errors of changes that programs send."""

from core.errors import LookalikeError


class ProductRefused(LookalikeError):
    """A product or a change of it cannot be used; what was there stays."""

    code = "product_refused"


class KeyInUse(LookalikeError):
    """A request with this Idempotency-Key is still being worked on."""

    code = "key_in_use"
    retry_after_s = 1


class KeyReused(LookalikeError):
    """An Idempotency-Key came with another request than before."""

    code = "key_reused"
