"""Errors of the trust desk."""

from datetime import datetime

from core.errors import LookalikeError


class CaseTaken(LookalikeError):
    """Another reviewer has the case, or has decided or changed it meanwhile.

    `reviewer` and `at` say who did so and when; both are None where no reviewer did.
    """

    code = "case_taken"

    def __init__(
        self, detail: str, reviewer: str | None = None, at: datetime | None = None
    ) -> None:
        super().__init__(detail)
        self.reviewer = reviewer
        self.at = at


class BankExists(LookalikeError):
    """There is a bank of this name already."""

    code = "bank_exists"
