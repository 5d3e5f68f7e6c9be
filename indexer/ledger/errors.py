"""Errors of the ledger."""

from core.errors import LookalikeError


class LedgerUnavailable(LookalikeError):
    """The ledger's file cannot be read or written."""

    code = "ledger_unavailable"
    retry_after_s = 5
