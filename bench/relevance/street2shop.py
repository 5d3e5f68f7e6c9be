"""Measure whether shoppers' photos find their product: top-1, top-5, mAP, and brute force."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from app.search.feature_cache import QueryFeatureCache
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.services import Services
from bench.data.query_photos import QueryPhoto, feed_pictures, read_query_photos, take_evenly
from bench.options import FILE, with_output_options
from bench.relevance import attachment, brute_force
from bench.relevance.preparation import PARTS, PreparationComparison
from bench.report import Limit, Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import average_precision, is_within, mean, percentile
from bench.workspace import open_workspace
from core.environment import Environment
from core.errors import LookalikeError
from features.base import Json
from features.embedding.feature import create
from mappings.catalogue.versions import models_tag
from mappings.search.shown_text import READ_TEXT

PLAIN = ("embedding",)

LIMITS: Mapping[int, Limit] = {1: at_least(0.33), 5: at_least(0.69)}
"""Recall@k of the embedding alone over all photos; set for the grocery data."""

SAME = at_most(0.005)
"""Largest difference from brute force over the same vectors."""


@dataclass(frozen=True)
class PhotoResult:
    """The product ids found for one photo, nearest first; none if the photo was refused.

    `vector` is the embedding that was searched with. `is_category` is whether the first product
    has the photo's category, None if that is unknown.
    """

    photo: QueryPhoto
    ranking: Sequence[str] = ()
    is_category: bool | None = None
    vector: Json | None = None
    took_ms: float | None = None


@click.command("street2shop")
@click.option("--products", type=FILE, required=True, help="Product feed, as the indexer reads it.")
@click.option("--queries", type=FILE, required=True, help="CSV: image, product_id[, category].")
@click.option(
    "--features",
    multiple=True,
    default=PLAIN,
    show_default=True,
    help="Feature to search by; repeatable.",
)
@click.option("--size", default=100, show_default=True, help="Hits per search.")
@click.option("--limit", type=int, help="Use only this many photos, evenly spaced.")
@click.option("--accurate", is_flag=True, help="Average five views of each photo.")
@click.option("--head", type=FILE, help="Use this head, trained on other photos.")
@click.option(
    "--attach",
    type=click.IntRange(0, 200),
    help="Attach up to N photos of split train to each product; search the others.",
)
@click.option(
    "--prepare",
    metavar="NAME[,NAME…]",
    help=f"Compare preparations, joined by +: {', '.join(PARTS)}.",
)
@click.option("--read-text", is_flag=True, help="Also search with the text in each photo.")
@with_output_options
def command(
    products: Path,
    queries: Path,
    features: tuple[str, ...],
    size: int,
    limit: int | None,
    accurate: bool,
    head: Path | None,
    attach: int | None,
    prepare: str | None,
    read_text: bool,
    keep: bool,
    markdown: bool,
) -> None:
    """Search shoppers' photos in a catalogue, and report top-1, top-5 and mAP.

    Searches once with --features, and once as the application does by default (`hybrid`). With
    --prepare, compares preparations of the photos by the embedding alone, without an index.
    """
    settings = {"LOOKALIKE_EMBEDDING_HEAD": str(head.absolute())} if head else {}
    photos = take_evenly(read_query_photos(queries), limit)
    views = attachment.split_by_training(queries, photos) if attach is not None else None
    if views is not None:
        photos = views[1]
        settings["LOOKALIKE_SHOPPER_PHOTOS"] = str(max(1, attach or 0))
    if prepare is not None:
        with reporting("street2shop", markdown=markdown) as report:
            environment = Environment({**Environment.current().values, **settings})
            table = PreparationComparison(create(environment), feed_pictures(products), photos)
            report.sizes |= {"products": len(table.feed_pictures), "queries": len(photos)}
            table.report(report, prepare.split(","), is_judged=limit is None)
        return
    with (
        reporting("street2shop", markdown=markdown) as report,
        open_workspace(keep=keep, reads_text=read_text, **settings) as space,
    ):
        loaded = space.load(products)
        report.sizes |= {
            "products": loaded.products,
            "pictures": loaded.pictures,
            "rejected": loaded.rejected,
            "queries": len(photos),
            "hits": size,
        }
        with space.services() as services:
            if views is not None:
                attached = attachment.attach_photos(services, views[0], attach or 0)
                report.sizes["attached"] = attached
            if read_text:
                features = (*features, READ_TEXT)
            named = search_photos(services, photos, features, size, accurate=accurate)
            is_plain = features == PLAIN
            is_judged = is_plain and limit is None and not (accurate or head or views)
            report_relevance(report, "+".join(features), named, LIMITS if is_judged else {})
            if is_plain:
                compare_with_brute_force(
                    report, services, named, list(brute_force.product_ids(products))
                )
            hybrid = search_photos(services, photos, (), size, accurate=accurate)
            report_relevance(report, "hybrid", hybrid, {})


def search_photos(
    services: Services,
    photos: Sequence[QueryPhoto],
    features: tuple[str, ...],
    size: int,
    *,
    accurate: bool = False,
) -> list[PhotoResult]:
    """Search every photo as an upload. A refused photo is logged and has an empty ranking."""
    settings = services.settings
    folder = settings.state_dir / "queries"
    memory = QueryFeatureCache(
        folder, settings.search.query_features_ttl_s, models_tag(services.registry)
    )
    parameters = SearchParameters(features=list(features), size=size, accurate=accurate)
    results = []
    for number, photo in enumerate(photos, start=1):
        picture = photo.path.read_bytes()
        request = SearchRequest(parameters, (picture,))
        began = time.perf_counter()
        try:
            answer = services.searcher.search(request)
        except LookalikeError as error:
            log_progress(f"{photo.path.name}: {error}")
            results.append(PhotoResult(photo))
            continue
        took_ms = 1000 * (time.perf_counter() - began)
        hits = answer.results.hits
        first = hits[0].product.get("category", []) if hits else []
        is_category = photo.category in {path.rpartition(" > ")[2] for path in first}
        values = memory.load(answer.picture).pictures[0] if answer.picture else {}
        results.append(
            PhotoResult(
                photo,
                [hit.id for hit in hits],
                is_category if photo.category else None,
                values.get(PLAIN[0]),
                took_ms,
            )
        )
        if number % 200 == 0:
            log_progress(
                f"{number} of {len(photos)} photos searched by {'+'.join(features) or 'hybrid'}"
            )
    return results


def recall_at(results: Sequence[PhotoResult], k: int) -> float:
    """Return the share of photos whose product is among the first k."""
    return mean([is_within(one.ranking, one.photo.product_id, k) for one in results])


def report_relevance(
    report: Report, label: str, results: Sequence[PhotoResult], limits: Mapping[int, Limit]
) -> None:
    """Report top-1, top-5, mAP and search times."""
    for k in (1, 5):
        report.add(f"{label}.top{k}", recall_at(results, k), "share", limits.get(k))
    precisions = [average_precision(one.ranking, {one.photo.product_id}) for one in results]
    report.add(f"{label}.map", mean(precisions), "share")
    category_hits = [one.is_category for one in results if one.is_category is not None]
    if category_hits:
        report.add(f"{label}.category_top1", mean(category_hits), "share")
    took_ms = [one.took_ms for one in results if one.took_ms is not None]
    for percent in (50, 95):
        report.add(f"{label}.search_p{percent}", percentile(took_ms, percent), "ms")


def compare_with_brute_force(
    report: Report, services: Services, results: Sequence[PhotoResult], ids: Sequence[str]
) -> None:
    """Report recall by brute force over the same vectors, and its difference from the index."""
    with_vector = [one for one in results if one.vector is not None]
    queries = np.asarray([one.vector for one in with_vector], np.float32)
    owners, stored = brute_force.stored_vectors(services.catalogue, ids, PLAIN[0])
    rankings = brute_force.rank_owners(queries, owners, stored)
    exact = [
        PhotoResult(one.photo, ranking) for one, ranking in zip(with_vector, rankings, strict=True)
    ]
    for k in (1, 5):
        difference = abs(recall_at(exact, k) - recall_at(with_vector, k))
        report.add(f"brute_force.top{k}", recall_at(exact, k), "share")
        report.add(f"brute_force.top{k}_difference", difference, "share", SAME)
