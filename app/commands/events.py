"""`flask events`: writes out what shoppers asked and did."""

from datetime import UTC, datetime

import click
import orjson
from flask.cli import AppGroup

from app.services import current_services
from core.command_line import report_errors
from core.errors import IndexMissing
from features.base import Json
from mappings.events.ubi_documents import exported, zoned
from mappings.events.ubi_mapping import EVENTS, QUERIES

group = AppGroup("events", help="What shoppers ask, see and do.")

STREAMS = {"events": EVENTS, "queries": QUERIES}
PAGE = 1_000


@group.command("export")
@click.option("--kind", type=click.Choice([*STREAMS]), default="events", show_default=True)
@click.option("--since", type=click.DateTime(), help="From this time on (UTC).")
@click.option("--until", type=click.DateTime(), help="Before this time (UTC).")
@click.argument("file", type=click.File("wb"), default="-")
@report_errors()
def export(kind: str, since: datetime | None, until: datetime | None, file: click.File) -> None:
    """Write events or queries to FILE, a line of User Behavior Insights 1.3.0 each."""
    gateway = current_services().shared.event_gateway
    number = 0
    try:
        for stored in gateway.documents(STREAMS[kind]).scan_pages(_body(since, until), PAGE):
            lines = [orjson.dumps(exported(document.source)) + b"\n" for document in stored]
            file.writelines(lines)  # type: ignore[attr-defined]
            number += len(lines)
    except IndexMissing:  # there is nothing yet
        pass
    click.echo(f"{number} {kind}", err=True)


def _body(since: datetime | None, until: datetime | None) -> Json:
    bounds = {"gte": since, "lt": until}
    span = {name: zoned(at.replace(tzinfo=UTC)) for name, at in bounds.items() if at}
    return {
        "query": {"bool": {"filter": [{"range": {"@timestamp": span}}] if span else []}},
        "sort": [{"@timestamp": "asc"}, {"event.id": "asc"}],
    }
