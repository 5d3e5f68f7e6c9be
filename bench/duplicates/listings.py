"""Measure duplicate listings against what people said of them, in sets that you have yourself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from sklearn.metrics import roc_auc_score

from app.services import Services
from app.trust.examination.duplicate_check import CheckRequest
from bench.data.labelled_listings import LabelledListings, pair_of, read_avito, read_shopee
from bench.options import FILE, FOLDER, with_output_options
from bench.report import Report, log_progress, reporting
from bench.statistics.metrics import mean
from bench.workspace import open_workspace

HITS = 50
PHOTO_LABELS = frozenset({"same_file", "same_photo"})
PRODUCT_LABELS = PHOTO_LABELS | {"same_product"}


@dataclass(frozen=True)
class ListingMatch:
    """The strongest finding between two listings."""

    label: str
    p_same_product: float


Matches = Mapping[tuple[str, str], ListingMatch]


@click.group("listings")
def command() -> None:
    """Check labelled listings: Shopee Price Match or Avito Duplicate Ads, from your own copy."""


@command.command("shopee")
@click.option("--table", type=FILE, required=True, help="train.csv")
@click.option("--pictures", type=FOLDER, required=True, help="train_images")
@click.option("--limit", type=click.IntRange(1), help="Use only this many label groups.")
@with_output_options
def shopee(table: Path, pictures: Path, limit: int | None, keep: bool, markdown: bool) -> None:
    """Report the mean F1 of a listing's matches, as the set's competition did."""
    labelled = read_shopee(table, pictures, limit)
    with reporting("listings", markdown=markdown) as report:
        matches, ids = _match(report, labelled, keep)
        for name, labels in (("photo", PHOTO_LABELS), ("product", PRODUCT_LABELS)):
            report.add(f"{name}.mean_f1", mean_f1(ids, labelled.pairs, matches, labels), "share")


@command.command("avito")
@click.option("--pairs", type=FILE, required=True, help="ItemPairs_train.csv")
@click.option("--table", type=FILE, required=True, help="ItemInfo_train.csv")
@click.option("--pictures", type=FOLDER, required=True, help="Folder of Images_0 to Images_9.")
@click.option("--limit", type=click.IntRange(1), help="Use only this many pairs.")
@with_output_options
def avito(
    pairs: Path, table: Path, pictures: Path, limit: int | None, keep: bool, markdown: bool
) -> None:
    """Report the area under the ROC curve of P(same product), by pictures alone."""
    labelled = read_avito(pairs, table, pictures, limit)
    with reporting("listings", markdown=markdown) as report:
        matches, ids = _match(report, labelled, keep)
        judged = {pair: same for pair, same in labelled.pairs.items() if set(pair) <= ids}
        report.sizes |= {"pairs": len(judged)}
        scores = [matches[pair].p_same_product if pair in matches else 0.0 for pair in judged]
        if len(set(judged.values())) > 1:
            report.add("auc", float(roc_auc_score(list(judged.values()), scores)), "share")
        alike = [same for pair, same in judged.items() if is_match(pair, matches, PHOTO_LABELS)]
        copies = [pair for pair, same in judged.items() if same]
        if alike:
            report.add("photo.precision", mean(alike), "share")
        if copies:
            recalled = [is_match(pair, matches, PHOTO_LABELS) for pair in copies]
            report.add("photo.recall", mean(recalled), "share")


def mean_f1(
    ids: frozenset[str],
    pairs: Mapping[tuple[str, str], bool],
    matches: Matches,
    labels: frozenset[str],
) -> float:
    """Return the mean over listings of the F1 of their matches; each matches itself."""
    truth: dict[str, set[str]] = {key: {key} for key in ids}
    predicted: dict[str, set[str]] = {key: {key} for key in ids}
    for first, second in pairs:
        if first in ids and second in ids:
            truth[first].add(second)
            truth[second].add(first)
    for first, second in matches:
        if is_match((first, second), matches, labels):
            predicted[first].add(second)
            predicted[second].add(first)
    return mean(
        [
            2 * len(truth[key] & predicted[key]) / (len(truth[key]) + len(predicted[key]))
            for key in sorted(ids)
        ]
    )


def is_match(pair: tuple[str, str], matches: Matches, labels: frozenset[str]) -> bool:
    """Say whether the finding of a pair has one of the labels."""
    return pair in matches and matches[pair].label in labels


def _match(
    report: Report, labelled: LabelledListings, keep: bool
) -> tuple[Matches, frozenset[str]]:
    """Load the listings and check each against all others; return matches and the ids loaded."""
    with open_workspace(keep=keep) as space:
        feed = space.folder / "listings.jsonl"
        ids = _write_feed(feed, labelled)
        loaded = space.load(feed)
        report.sizes |= {
            "listings": len(labelled.listings),
            "without_picture": len(labelled.listings) - len(ids),
            "rejected": loaded.rejected,
        }
        with space.services() as services:
            return _check(services, ids), ids


def _write_feed(feed: Path, labelled: LabelledListings) -> frozenset[str]:
    """Write the listings that have a picture on disk; return their ids."""
    ids = set()
    with feed.open("w", encoding="utf-8") as lines:
        for listing in labelled.listings:
            paths = [str(path.resolve()) for path in listing.pictures if path.is_file()]
            if paths:
                ids.add(listing.id)
                row = {"id": listing.id, "title": listing.title or listing.id, "images": paths}
                lines.write(json.dumps(row) + "\n")
    return frozenset(ids)


def _check(services: Services, ids: frozenset[str]) -> Matches:
    matches: dict[tuple[str, str], ListingMatch] = {}
    for number, key in enumerate(sorted(ids), start=1):
        checked = services.duplicate_check.check(CheckRequest(product_id=key, size=HITS))
        for match in checked.matches:
            finding, pair = match.finding, pair_of(key, match.finding.picture.product_id)
            known = matches.get(pair)
            if known is None or finding.p_same_product > known.p_same_product:
                matches[pair] = ListingMatch(match.label, finding.p_same_product)
        if number % 100 == 0:
            log_progress(f"{number} of {len(ids)} listings checked")
    return matches
