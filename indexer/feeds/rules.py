"""How the parsers of one row say that it breaks a rule."""


class BrokenRule(Exception):
    """A cell breaks a rule; becomes a `Rejection` before it leaves `indexer.feeds.product`.

    `partial_value` is what of the cell goes in all the same, None where it is left out.
    """

    def __init__(
        self, field: str, rule: str, detail: str, partial_value: str | None = None
    ) -> None:
        super().__init__(f"{field}: {rule}: {detail}")
        self.partial_value = partial_value
        self.field = field
        self.rule = rule
        self.detail = detail
