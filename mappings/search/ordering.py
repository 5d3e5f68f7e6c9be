"""The order of hits: the closest first, or by price or age among what was found."""

from typing import Literal

from features.base import Json
from mappings.catalogue.sale import IDLE_SALE, PRICE, SALE_PERIOD, SALE_PRICE

Order = Literal["closest", "price_up", "price_down", "newest"]

CHANGED_AT = "updated_at"
"""The field that tells how new a product is."""

PRICE_NOW = "price_now"
"""The runtime field with the price of now; no product field may have its name."""

SCRIPT = f"""
if (doc['currency'].size() > 0 && params.currency != null
    && !doc['currency'].value.equalsIgnoreCase(params.currency)) return;
if (doc['{SALE_PRICE}'].size() > 0 && doc['{IDLE_SALE}'].size() == 0) {{
  def period = params._source['{SALE_PERIOD}'];
  boolean lasts = true;
  if (period != null) {{
    for (def bound : ['gte', 'lte']) {{
      if (period[bound] == null) continue;
      String text = period[bound].toString();
      boolean zoned = text.endsWith('Z') || text.length() > 10 && (text.indexOf('+', 10) > 0
        || text.lastIndexOf('-') > 10);
      String day = text.indexOf('T') > 0 ? text : text + 'T00:00:00';
      long at = ZonedDateTime.parse(zoned ? text : day + 'Z').toInstant().toEpochMilli();
      if (bound == 'gte' ? params.now < at : params.now > at) lasts = false;
    }}
  }}
  if (lasts) {{ emit(doc['{SALE_PRICE}'].value); return; }}
}}
if (doc['{PRICE}'].size() > 0) emit(doc['{PRICE}'].value);
"""
"""The price of now, as `mappings.catalogue.sale` has it. Prices of other currencies compare with
nothing and come last. A date range has no doc values that a script could read, so the few products
with a sale price load their source."""


def sort_by(order: Order) -> list[Json]:
    """Return Elasticsearch's `sort`; score, then id break ties, so pages never overlap."""
    last: list[Json] = [{"_score": "desc"}, {"id": "asc"}]
    if order in ("price_up", "price_down"):
        way = "asc" if order == "price_up" else "desc"
        return [{PRICE_NOW: {"order": way, "missing": "_last"}}, *last]
    if order == "newest":
        newest = {"order": "desc", "missing": "_last", "unmapped_type": "date"}
        return [{CHANGED_AT: newest}, *last]
    return last


def runtime_fields(order: Order, currency: str | None, now_ms: int) -> dict[str, Json]:
    """Return the `runtime_mappings` that `sort_by` needs; `now_ms` is the time since 1970."""
    if order not in ("price_up", "price_down"):
        return {}
    script = {"source": SCRIPT, "params": {"currency": currency, "now": now_ms}}
    return {"runtime_mappings": {PRICE_NOW: {"type": "double", "script": script}}}
