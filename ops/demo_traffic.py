"""``python -m ops.demo_traffic``: a simulated fortnight of shoppers, so that a fresh shop is alive.

The searches are real ones, answered by the shop's own index; who makes them and what follows is
simulated (`ops.demo_shoppers`), and labelled so: `application` is `demo-traffic` everywhere. It is
written to an Elasticsearch on this machine alone. Run again, it adds nothing that is there.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

import click

from app import outgoing
from app.events.shop_event import read_event
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.services import Services, build_services
from app.settings import AppSettings
from core.command_line import report_errors
from core.environment import Environment
from features.base import Json
from features.registry import load
from mappings.catalogue.products import PICTURES, own_pictures
from mappings.events.ubi_documents import event_document, event_key, is_query
from ops import demo_experiment
from ops.demo_shoppers import PAGE, DemoSearch, Traffic, simulate
from ops.errors import StageFailed
from ops.ports import is_loopback

MOST_VISITS = 20_000
WORD_SEARCHES, PICTURE_SEARCHES = 40, 12
BATCH = 500


@click.command()
@click.option("--visits", type=click.IntRange(1, MOST_VISITS), default=1_500, show_default=True)
@click.option("--days", type=click.IntRange(1, 60), default=14, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="Another one: other visits.")
@report_errors()
def main(visits: int, days: int, seed: int) -> None:
    """Write simulated queries and events of VISITS visits in the last DAYS days."""
    environment = Environment.current()
    settings = AppSettings.from_env(environment)
    require_loopback(settings.engine.url)
    # Simulated searches are recorded by us, with their label, and by nobody else.
    silent = replace(settings, log_searches=False, shop_events=False)
    services = build_services(silent, load(environment))
    try:
        searches = list(real_searches(services))
        if not searches:
            raise StageFailed("no search finds anything: load a feed first (`make run`)")
        now = datetime.now(UTC)
        experiment, is_new = demo_experiment.declare(environment, now, days)
        traffic = Traffic(visits, days, now, seed, experiment)
        documents = simulate(traffic, searches, companions_of(searches))
        queries, events = write(settings, services, documents)
    finally:
        services.close()
    click.echo(f"simulated: {visits} visits, {queries} queries, {events} events", err=True)
    if is_new:
        click.echo(
            f"the simulated experiment {demo_experiment.NAME} is reported under /reports once the "
            "shop is started again",
            err=True,
        )


def require_loopback(url: str) -> None:
    """Raise StageFailed unless every node of an Elasticsearch is on this machine."""
    hosts = [urlsplit(node.strip()).hostname or "" for node in url.split(",")]
    if not all(map(is_loopback, hosts)):
        raise StageFailed(
            "simulated shoppers are for an Elasticsearch on this machine, and ELASTICSEARCH_URL "
            "names another: nothing was written"
        )


def real_searches(services: Services) -> Iterator[DemoSearch]:
    """Yield searches that find something: by words of products' titles, and by their pictures."""
    browse = SearchParameters(size=200)
    products = [hit.product for hit in services.searcher.search(SearchRequest(browse)).results.hits]
    words = list(dict.fromkeys(_kind_words(str(product.get("title", ""))) for product in products))
    for text in [text for text in words if text][:WORD_SEARCHES]:
        yield from _search(services, SearchParameters(q=text, size=PAGE))
    images = [
        p[0]["image_id"] for product in products if (p := own_pictures(product.get(PICTURES, [])))
    ]
    step = max(1, len(images) // PICTURE_SEARCHES)
    for image in images[::step][:PICTURE_SEARCHES]:
        data = services.thumbnails.path(image).read_bytes()
        yield from _search(services, SearchParameters(size=PAGE), (data,))


def companions_of(searches: Sequence[DemoSearch]) -> dict[str, str]:
    """Return product → what is often bought with it: a first hit of another search."""
    firsts = list(dict.fromkeys(search.hits[0] for search in searches))
    half = len(firsts) // 2
    return dict(zip(firsts[:half], firsts[half:], strict=False))


def write(settings: AppSettings, services: Services, documents: Iterator[Json]) -> tuple[int, int]:
    """Store simulated documents as real ones are stored; return how many queries and events."""
    delivery = outgoing.shop_delivery(settings, services.shared.event_gateway, services.registry)
    queries = events = 0
    stored = map(_document, documents)
    while batch := list(islice(stored, BATCH)):
        delivery([(document["event"]["id"], document) for document in batch])
        found = sum(map(is_query, batch))
        queries, events = queries + found, events + len(batch) - found
    return queries, events


def _document(value: Json) -> Json:
    if is_query(value):
        return value
    event = read_event(value)
    key = event_key(event.client_id or "", event.event_id or "")
    received_at = datetime.fromisoformat(value["timestamp"]) + timedelta(seconds=1)
    return event_document(event.document(), key, received_at)


def _search(
    services: Services, parameters: SearchParameters, images: tuple[bytes, ...] = ()
) -> Iterator[DemoSearch]:
    answer = services.searcher.search(SearchRequest(parameters, images))
    hits = tuple(hit.id for hit in answer.results.hits)
    if hits:
        yield DemoSearch(
            words=parameters.q,
            hits=hits,
            plan=answer.plan.kind,
            model=answer.model,
            picture=answer.photo_hash,
            is_picture=bool(images),
        )


def _kind_words(title: str) -> str:
    """Return what a title calls a thing: "crosses mug" of "Wren Crosses Mug in Oat"."""
    name = re.split(r" in | for | with | [–-] |[,(]", title.casefold())[0]
    return " ".join([word for word in name.split() if word.isalpha()][-2:])


if __name__ == "__main__":
    sys.exit(main())
