"""How the parsers of one row say that it breaks a rule."""


class BrokenRule(Exception):
    """A cell breaks a rule; becomes a `Rejection` before it leaves `indexer.feeds.product`."""

    def __init__(self, field: str, rule: str, detail: str) -> None:
        super().__init__(f"{field}: {rule}: {detail}")
        self.field = field
        self.rule = rule
        self.detail = detail
