"""Changes of prices, currencies and sales, with what is right all the same."""

from bench.feeds.fault_changes import Change, FeedPlan


def with_price_text(text: str, value: float | None, *, named: bool = False) -> Change:
    """Write a price in another way; the currency stands in it where the format has one."""

    def apply(plan: FeedPlan) -> None:
        for product in plan.victims():
            code = f" {product.currency}" if plan.format.has_currency else ""
            product.cells["price"] = text.replace(" CODE", code)
            product.right["price"] = value
            if value is None:
                product.right["currency"] = None
            if named:
                product.named.add("price")

    return apply


def with_signs(plan: FeedPlan) -> None:
    """Write every price with a sign instead of a code."""
    plan.style.money = "{currency}{amount}"
    for product in plan.products:
        product.currency = "€"
        product.right["currency"] = "EUR" if plan.format.has_currency else None


def with_unclear_marks(plan: FeedPlan) -> None:
    """Write whole prices whose only mark groups thousands, among some with decimals."""
    plan.style.decimal, plan.style.thousands = ",", "."
    for product in plan.victims(3):
        code = f" {product.currency}" if plan.format.has_currency else ""
        product.cells["price"], product.right["price"] = f"1.226{code}", 1226.0


def in_yen(plan: FeedPlan) -> None:
    """Write yen, which have no decimals."""
    for product in plan.products:
        product.currency, product.price = "JPY", float(round(product.price))
        code = " JPY" if plan.format.has_currency else ""
        product.cells["price"] = f"{product.price:,.0f}{code}"


def without_some_currencies(plan: FeedPlan) -> None:
    """Leave the currency of a few prices away."""
    for product in plan.victims(4):
        product.cells["price"] = plan.style.amount(product.price)


def with_two_currencies(plan: FeedPlan) -> None:
    """Write prices in two currencies, and one in none."""
    unnamed, *others = plan.victims(4)
    for product in others:
        product.currency = "USD"
    unnamed.cells["price"] = plan.style.amount(unnamed.price)
    unnamed.right |= {"price": None, "currency": None}
    unnamed.named.add("price")


def on_sale(period: tuple[str, str] | None) -> Change:
    """Return a change that puts a few products on sale for a time span, None for always."""

    def apply(plan: FeedPlan) -> None:
        for product in plan.victims(3):
            product.sale = round(product.price * 0.8, 2)
            product.period = period

    return apply


def with_idle_sale(factor: float) -> Change:
    """Return a change that writes sale prices of so much of the price."""

    def apply(plan: FeedPlan) -> None:
        for product in plan.victims():
            product.cells["sale"] = plan.style.price(product.price * factor, product.currency)
            if not plan.format.has_currency:
                product.cells["sale"] = plan.style.amount(product.price * factor)
            product.right["sale_price"] = None
            if factor > 1:
                product.named.add("sale_price")

    return apply


def with_price_objects(plan: FeedPlan) -> None:
    """Write prices as objects with a currency."""
    for product in plan.victims(4):
        product.cells["price"] = {"amount": product.price, "currency": product.currency}


def with_american_dates(plan: FeedPlan) -> None:
    """Write the days of a sale as month/day/year."""
    for product in plan.victims(3):
        product.sale, product.period = round(product.price * 0.8, 2), ("1/31/26", "12/1/36")
        product.right["sale_price_effective_date"] = {
            "gte": "2026-01-31T00:00:00",
            "lte": "2036-12-01T23:59:59.999000",
        }
