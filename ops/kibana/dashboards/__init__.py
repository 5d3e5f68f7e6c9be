"""The dashboards, one a module."""

from ops.kibana.dashboard import Dashboard
from ops.kibana.dashboards import (
    catalogue,
    duplicates,
    event_quality,
    search_health,
    shoppers,
)


def dashboards(index: str = catalogue.INDEX) -> tuple[Dashboard, ...]:
    """Return every dashboard; `index` is the alias of the product index."""
    return (
        search_health.dashboard(),
        duplicates.dashboard(),
        catalogue.dashboard(index),
        shoppers.dashboard(),
        event_quality.dashboard(),
    )
