"""Measure what a reviewer of a drawn shop is asked: cases with a copy, relistings, decisions.

A shop of the demo's kind with another seed is loaded and swept. Every case is decided rightly. Then
the embedding model is swapped for the same network under another name, and the shop is swept twice
more, with all cases decided in between: no pair of listings may be asked about again.
"""

import csv
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from app.trust.desk.case import OPEN, Case
from app.trust.desk.desk import Desk
from app.trust.desk.settings import DeskSettings
from bench.options import with_output_options
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.workspace import Workspace, open_workspace
from core.environment import Environment
from core.errors import InvalidSetting
from features import registry
from features.embedding.model_choice import ModelChoice
from indexer import demo
from mappings.engine.connection import EngineSettings, connect
from mappings.trust.desk import DeskIndex

SIZES = (300, 3000)
SWEEPS = 3

ListingPair = frozenset[str]


@dataclass(frozen=True)
class CaseQuality:
    """What the cases hold, compared with the relistings there are.

    `with_copy` counts cases that compare a relisting with its original, `relistings_found` the
    relistings in one. `decisions` is the mean number of such cases for each original; 0 without
    any.
    """

    cases: int
    with_copy: int
    relistings_found: int
    decisions: float


@click.command("cases")
@click.argument("sizes", nargs=-1, type=click.IntRange(20))
@click.option("--seed", default="bench-1", show_default=True, help="Seed of the drawn shops.")
@with_output_options
def command(sizes: tuple[int, ...], seed: str, keep: bool, markdown: bool) -> None:
    """Draw, load and sweep shops of SIZES products (default: 300 3000) and judge their cases."""
    with reporting("cases", markdown=markdown) as report:
        for size in sizes or SIZES:
            with open_workspace(keep=keep) as space:
                report.sizes |= {"products": size}
                _measure(report, space, size, seed)


def _measure(report: Report, space: Workspace, size: int, seed: str) -> None:
    log_progress(f"drawing {size} products")
    feed = demo.write(space.folder / "shop", size, seed=seed)
    space.load(feed)
    originals = read_relistings(feed.parent / demo.RELISTINGS)
    environment = _with_next_model(space)
    prefix = environment.text("LOOKALIKE_DESK_INDEX")
    gateway = connect(EngineSettings.from_env(environment))
    index = DeskIndex(gateway, prefix)
    desk = Desk(index, DeskSettings(index=prefix, second_looks=0))
    pairs: set[ListingPair] = set()
    repeated = 0
    for number in range(SWEEPS):
        if number == 1:
            _run(environment, "indexer", "swap-model", "begin", "--thumbnails")
            _run(environment, "indexer", "swap-model", "switch")
        _run(environment, "flask", "--app", "app.wsgi", "duplicates", "sweep")
        cases = _waiting(index)
        if number == 0:
            _report(report, size, judge(cases, originals), len(originals))
        asked = {pair for case in cases for pair in listing_pairs(case)}
        repeated += len(asked & pairs)
        pairs |= asked
        for case in cases:
            _decide(desk, case, originals)
    report.add(f"cases.{size}.asked_again", repeated, "pairs", at_most(0))
    gateway.close()


def _report(report: Report, size: int, quality: CaseQuality, relistings: int) -> None:
    report.add(f"cases.{size}.cases", quality.cases, "cases")
    share = quality.with_copy / max(1, quality.cases)
    report.add(f"cases.{size}.with_copy", share, "share", at_least(0.98))
    share = quality.relistings_found / max(1, relistings)
    report.add(f"cases.{size}.relistings_found", share, "share", at_least(0.97))
    report.add(f"cases.{size}.decisions", quality.decisions, "a group", at_most(1.15))


def read_relistings(path: Path) -> dict[str, str]:
    """Return the original of every relisting, by id."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["original_id"] for row in csv.DictReader(file)}


def judge(cases: Sequence[Case], originals: Mapping[str, str]) -> CaseQuality:
    """Return what the cases hold; `originals` maps a relisting to its original."""
    with_copy, covered, decisions = 0, set[str](), Counter[str]()
    for case in cases:
        true = [pair for pair in listing_pairs(case) if is_copy(pair, originals)]
        with_copy += bool(true)
        covered |= {listing for pair in true for listing in pair if listing in originals}
        decisions.update({originals.get(listing, listing) for pair in true for listing in pair})
    mean = decisions.total() / len(decisions) if decisions else 0.0
    return CaseQuality(len(cases), with_copy, len(covered), mean)


def listing_pairs(case: Case) -> list[ListingPair]:
    """Return the pairs of listings that a case asks about."""
    return [
        frozenset((member.picture.product_id, case.other_picture(member).product_id))
        for member in case.members
    ]


def is_copy(pair: ListingPair, originals: Mapping[str, str]) -> bool:
    """Say whether two listings show pictures of the same original."""
    return len({originals.get(listing, listing) for listing in pair}) == 1


def _with_next_model(space: Workspace) -> Environment:
    present = ModelChoice.from_env(space.environment)
    registry.load(space.environment)  # converts the model where that has not been done
    path = space.folder / "again.tflite"
    shutil.copyfile(present.converted_path(), path)
    index = space.environment.text("LOOKALIKE_INDEX")
    values = {
        "LOOKALIKE_DESK_INDEX": f"{index}-desk",
        "LOOKALIKE_NEXT_EMBEDDING_MODEL": str(path),
    }
    return Environment({**space.environment.values, **values})


def _run(environment: Environment, *arguments: str) -> None:
    """Run a command of the product; raises InvalidSetting where it fails."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, env=dict(environment.values), check=False)
    if done.returncode:
        raise InvalidSetting(f"{' '.join(arguments)} ended with exit code {done.returncode}")


def _waiting(index: DeskIndex) -> list[Case]:
    index.cases.refresh()
    body = {"query": {"term": {"state": OPEN}}, "sort": [{"id": "asc"}]}
    return [Case.from_json(stored.source) for stored in index.cases.scan(body)]


def _decide(desk: Desk, case: Case, originals: Mapping[str, str]) -> None:
    claimed = desk.claim(case.id, "bench")
    assert claimed.version is not None
    verdicts = {
        member.picture.key: "stolen_photo" if is_copy(pair, originals) else "different"
        for member, pair in zip(claimed.members, listing_pairs(claimed), strict=True)
    }
    desk.decide(case.id, "bench", verdicts, version=claimed.version)
