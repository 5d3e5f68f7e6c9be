"""Measure whether words find the products meant: on the demo, on a feed, and in Japanese."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.services import Services
from bench.data.drawn_pictures import draw_picture
from bench.options import FILE, with_output_options
from bench.report import Report, at_least, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.words import japanese_shop
from bench.words.demo_colours import is_called
from bench.words.known_items import KINDS, KnownItemQuestion, KnownItems
from bench.words.listing import Listing, read_listings
from bench.words.photo_colours import colour_pairs, shares
from bench.words.product_sets import product_sets
from bench.workspace import Workspace, open_workspace
from core import atomic_file
from indexer.demo import FEED, DemoFeed
from mappings.catalogue.search_terms import COLOURS

FIRST = at_least(0.9)
FIRST_TEN = at_least(0.98)
EIGHT_IN_TEN = at_least(0.8)
MAIN_COLOUR = at_least(0.95)
QUESTIONS = 100
MEANT_SETS = 200
PAIRS = 60
HITS = 10
WRONG_LISTED = 20


@click.command("words")
@click.option("--products", type=FILE, help="Also ask questions about this product feed.")
@click.option("--seed", default=11, show_default=True, help="Other seeds make other questions.")
@with_output_options
def command(products: Path | None, seed: int, keep: bool, markdown: bool) -> None:
    """Ask questions made by rule from a catalogue, and count the right answers.

    Wrong ones are listed on standard error.
    """
    with reporting("words", markdown=markdown) as report:
        with open_workspace(keep=keep) as space:
            demo = _draw_demo(space.folder / "demo")
            space.load(demo)
            listings = read_listings(demo)
            with space.services() as services:
                report_known_items(report, "demo", services, listings, seed)
                report_meant_sets(report, services, listings, seed)
                report_photo_colours(report, services, listings, seed)
                report_colours(report, services, listings)
        with open_workspace() as space:
            _load_japanese(space)
            with space.services() as services:
                report_questions(report, "japanese", services, japanese_shop.questions())
        if products is not None:
            with open_workspace() as space:
                space.load(products)
                with space.services() as services:
                    name = products.parent.name
                    report_known_items(report, name, services, read_listings(products), seed)


def ask(services: Services, **parameters: object) -> tuple[list[str], int, float]:
    """Search; return the ids of the first hits, the total, and the time in milliseconds."""
    search = SearchParameters.model_validate({"size": HITS, **parameters})
    answer = services.searcher.search(SearchRequest(search))
    return [hit.id for hit in answer.results.hits], answer.results.total, answer.took_ms


def report_known_items(
    report: Report, catalogue: str, services: Services, listings: Sequence[Listing], seed: int
) -> None:
    """Report the known-item questions of each kind."""
    report.sizes = {"products": len(listings)}
    items = KnownItems(listings, seed)
    for kind in KINDS:
        if questions := items.questions(kind, QUESTIONS):
            report_questions(report, f"{catalogue} {kind}", services, questions)


def report_questions(
    report: Report, name: str, services: Services, questions: Sequence[KnownItemQuestion]
) -> None:
    """Report how often a right product comes first, and among the first ten."""
    first, among, took, wrong = [], [], [], []
    for question in questions:
        ids, _, took_ms = ask(services, q=question.text)
        first.append(bool(ids) and ids[0] in question.targets)
        among.append(bool(question.targets & {*ids}))
        took.append(took_ms)
        if not first[-1]:
            wrong.append(f"{question.text!r}: {sorted(question.targets)[:3]}, not {ids[:3]}")
    report.sizes["questions"] = len(questions)
    report.add(f"{name}: success@1", mean(first), "share", FIRST)
    report.add(f"{name}: success@10", mean(among), "share", FIRST_TEN)
    report.add(f"{name}: p50", percentile(took, 50), "ms")
    _list_wrong(name, wrong)


def report_meant_sets(
    report: Report, services: Services, listings: Sequence[Listing], seed: int
) -> None:
    """Report how many totals are right."""
    sets = product_sets(listings, MEANT_SETS, seed)
    right, wrong = [], []
    for product_set in sets:
        _, total, _ = ask(services, q=product_set.text)
        right.append(product_set.holds(total))
        if not right[-1]:
            wrong.append(
                f"{product_set.text!r}: {product_set.least} to {product_set.most}, not {total}"
            )
    report.sizes["questions"] = len(sets)
    report.add("totals within 10 %", mean(right), "share", FIRST)
    _list_wrong("totals", wrong)


def report_photo_colours(
    report: Report, services: Services, listings: Sequence[Listing], seed: int
) -> None:
    """Report what comes first for a product's picture beside a word for another colour."""
    by_id = {listing.id: listing for listing in listings}
    pairs = colour_pairs(listings, PAIRS, seed)
    found = []
    wrong = []
    for pair in pairs:
        ids, _, _ = ask(services, q=pair.basic, product_id=[pair.pictured.id])
        found.append(shares(pair, [by_id[key] for key in ids]))
        if min(found[-1]) < EIGHT_IN_TEN.bound:
            wrong.append(
                f"{pair.pictured.id} {pair.basic!r}: {found[-1]}, {ids[: pair.judged_hits]}"
            )
    report.sizes["questions"] = len(pairs)
    report.add(
        "photo and colour: of the colour", mean([c for c, _ in found]), "share", EIGHT_IN_TEN
    )
    report.add("photo and colour: of the kind", mean([k for _, k in found]), "share", EIGHT_IN_TEN)
    _list_wrong("photo and colour", wrong)


def report_colours(report: Report, services: Services, listings: Sequence[Listing]) -> None:
    """Report how often the colour of the goods is that which the demo painted them in.

    Once as shoppers filter by it, and once as the first colour of the picture alone.
    """
    stored = services.catalogue.products([listing.id for listing in listings])
    right, wrong, filtered = [], [], []
    for listing in listings:
        colours = stored[listing.id].get(COLOURS, [])
        filtered.append(
            bool(colours) and all(is_called(listing.text("color"), name) for name in colours)
        )
        pictures = stored[listing.id]["images"]
        names = pictures[0].get("colour", {}).get("names", []) if pictures else []
        right.append(bool(names) and is_called(listing.text("color"), names[0]))
        if not right[-1]:
            wrong.append(f"{listing.id} {listing.kind}, {listing.text('color')}: {names}")
    report.add("colour to filter by", mean(filtered), "share", MAIN_COLOUR)
    report.add("main colour of the picture", mean(right), "share")
    _list_wrong("main colour", wrong)


def _list_wrong(name: str, wrong: Sequence[str]) -> None:
    for line in wrong[:WRONG_LISTED]:
        log_progress(f"{name}: {line}")
    if len(wrong) > WRONG_LISTED:
        log_progress(f"{name}: and {len(wrong) - WRONG_LISTED} more")


def _draw_demo(folder: Path) -> Path:
    for _ in DemoFeed(folder).rows():
        pass
    return folder / FEED


def _load_japanese(space: Workspace) -> None:
    folder = space.folder / "japanese"
    folder.mkdir()
    lines = []
    for number, row in enumerate(japanese_shop.rows()):
        (folder / row["image_link"]).write_bytes(draw_picture(number))
        lines.append(json.dumps(row, ensure_ascii=False))
    feed = folder / "products.jsonl"
    atomic_file.write(feed, "\n".join(lines).encode())
    space.load(feed)
