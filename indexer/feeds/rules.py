"""How the parsers of one row say that it breaks a rule."""


class BrokenRule(Exception):
    """A cell breaks a rule; becomes a `Rejection` before it leaves `indexer.feeds.product`.

    `kept` is what of the cell goes in all the same, None where it is left out.
    """

    def __init__(self, field: str, rule: str, detail: str, kept: str | None = None) -> None:
        super().__init__(f"{field}: {rule}: {detail}")
        self.kept = kept
        self.field = field
        self.rule = rule
        self.detail = detail
