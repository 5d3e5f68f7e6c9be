"""A dashboard of Kibana: what it looks at, its panels and the table below them.

Kibana adds the dashboard's time range and filters to a request itself (``%context%``), and for
that leaves no room for a query of ours: what a panel narrows down, it does in an aggregation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Json

WIDTH = 48
"""Columns of a dashboard."""


@dataclass(frozen=True)
class Panel:
    """A picture and where it stands; a row of the dashboard is 20 pixels high.

    `body` is an Elasticsearch request, `rows` the path of the list in its answer that is drawn.
    """

    key: str
    title: str
    body: Json
    rows: str
    drawing: Json
    x: int
    y: int
    width: int
    height: int = 12

    def grid(self) -> Json:
        """Return its place on the dashboard."""
        return {"x": self.x, "y": self.y, "w": self.width, "h": self.height}

    def spec(self, view: "DataView") -> Json:
        """Return the Vega-Lite specification, as Kibana reads it."""
        request = {"%context%": True, "%timefield%": view.time_field, "index": view.pattern}
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "data": {"url": {**request, "body": self.body}, "format": {"property": self.rows}},
            **self.drawing,
        }


@dataclass(frozen=True)
class DataView:
    """The indices that a dashboard looks at.

    `pictures` are fields whose value is shown as a picture: field → its address at the shop, in
    which `{{value}}` stands for the value percent-encoded, and `{{rawValue}}` for it as it is.
    """

    key: str
    name: str
    pattern: str
    time_field: str = "@timestamp"
    pictures: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    """Field → the address of the shop's page that its value leads to."""

    copies: Mapping[str, str] = field(default_factory=dict)
    """New field → the keyword field whose value it has too: a field has one form in Kibana, so what
    is shown in two has two names."""

    numbers: Mapping[str, str] = field(default_factory=dict)
    """Field → its number format, as `0,0.0`."""


@dataclass(frozen=True)
class Table:
    """The documents themselves, newest first, below the panels."""

    key: str
    title: str
    description: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Dashboard:
    """A dashboard; `key` and the keys of its panels are for ever, as a load replaces by them."""

    key: str
    title: str
    description: str
    view: DataView
    panels: tuple[Panel, ...]
    table: Table
    time_from: str = "now-7d"
