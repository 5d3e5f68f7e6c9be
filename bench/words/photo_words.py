"""Find how much words should weigh beside a photo.

A question is a shopper's photo and one word of its product's title that several titles share: so
neither the photo nor the word decides alone. The weight with the best top-1 on one half of the
questions is judged on the other half, and the other way round.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.services import Services
from bench.data.query_photos import QueryPhoto, read_query_photos, take_evenly
from bench.options import FILE, with_output_options
from bench.report import Report, log_progress, reporting
from bench.statistics.metrics import is_within, mean
from bench.workspace import open_workspace
from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row
from mappings.search.query import TEXT

WEIGHTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0, 4.0)
LEAST_LETTERS = 3
LARGEST_SHARE = 0.25
"""A word in more of the titles than this tells nothing."""

SIZE = 10


@dataclass(frozen=True)
class PhotoQuestion:
    """A photo, a word beside it, and the product that is meant."""

    photo: QueryPhoto
    word: str


Rankings = Mapping[float, Sequence[Sequence[str]]]
"""For each weight, the ids found for each question."""


@click.command("photo-words")
@click.option("--products", type=FILE, required=True, help="Product feed, as the indexer reads it.")
@click.option("--queries", type=FILE, required=True, help="CSV: image, product_id.")
@click.option("--limit", type=int, help="Use only this many photos, evenly spaced.")
@click.option("--seed", type=int, default=11, show_default=True)
@with_output_options
def command(
    products: Path, queries: Path, limit: int | None, seed: int, keep: bool, markdown: bool
) -> None:
    """Search photos with a word beside each, under several weights of words."""
    photos = take_evenly(read_query_photos(queries), limit)
    with reporting("photo-words", markdown=markdown) as report, open_workspace(keep=keep) as space:
        loaded = space.load(products)
        questions = make_questions(_titles(products), photos, seed)
        report.sizes |= {"products": loaded.products, "questions": len(questions)}
        with space.services() as services:
            rankings = rank(services, questions)
        for weight, ranked in rankings.items():
            for k in (1, 5):
                report.add(f"{weight:g}.top{k}", top(k, questions, ranked), "share")
        report_halves(report, questions, rankings)


def make_questions(
    titles: Mapping[str, str], photos: Sequence[QueryPhoto], seed: int
) -> list[PhotoQuestion]:
    """Return a question for each photo whose product's title has a word that others share."""
    dice = random.Random(seed)
    words = {key: _words(title) for key, title in titles.items()}
    counts = Counter(word for each in words.values() for word in set(each))
    most = LARGEST_SHARE * len(titles)
    questions = []
    for photo in photos:
        shared = [word for word in words.get(photo.product_id, ()) if 2 <= counts[word] <= most]
        if shared:
            questions.append(PhotoQuestion(photo, dice.choice(shared)))
    return questions


def rank(services: Services, questions: Sequence[PhotoQuestion]) -> Rankings:
    """Search every question under every weight; the photo's features are extracted once."""
    rankings: dict[float, list[list[str]]] = {weight: [] for weight in WEIGHTS}
    for number, question in enumerate(questions, start=1):
        pictures: tuple[bytes, ...] = (question.photo.path.read_bytes(),)
        earlier = None
        for weight in WEIGHTS:
            parameters = SearchParameters(
                q=question.word, weight={TEXT: weight}, size=SIZE, picture=earlier
            )
            answer = services.searcher.search(SearchRequest(parameters, pictures))
            rankings[weight].append([hit.id for hit in answer.results.hits])
            earlier, pictures = answer.picture, ()
        if number % 100 == 0:
            log_progress(f"{number} of {len(questions)} questions asked")
    return rankings


def report_halves(report: Report, questions: Sequence[PhotoQuestion], rankings: Rankings) -> None:
    """Report the best weight of each half of the questions, and its figures on the other half."""
    halves = [range(start, len(questions), 2) for start in (0, 1)]
    for name, chosen, judged in zip("ab", halves, reversed(halves), strict=True):
        best = max(rankings, key=lambda weight: top(1, *_part(questions, rankings[weight], chosen)))
        report.add(f"half_{name}.best_weight", best, "weight")
        for k in (1, 5):
            share = top(k, *_part(questions, rankings[best], judged))
            report.add(f"half_{name}.other_half.top{k}", share, "share")


def top(k: int, questions: Sequence[PhotoQuestion], ranked: Sequence[Sequence[str]]) -> float:
    """Return the share of questions whose product is among the first k."""
    pairs = zip(questions, ranked, strict=True)
    return mean([is_within(ids, question.photo.product_id, k) for question, ids in pairs])


def _part(
    questions: Sequence[PhotoQuestion], ranked: Sequence[Sequence[str]], places: range
) -> tuple[list[PhotoQuestion], list[Sequence[str]]]:
    return [questions[place] for place in places], [ranked[place] for place in places]


def _titles(products: Path) -> dict[str, str]:
    rows = (parse_product(row) for row in open_feed(products).rows() if isinstance(row, Row))
    return {each.id: str(each.fields["title"]) for each in rows if isinstance(each, Product)}


def _words(title: str) -> list[str]:
    words = re.findall(r"[^\W\d_]+", title.casefold())
    return [word for word in words if len(word) >= LEAST_LETTERS]
