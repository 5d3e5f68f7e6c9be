"""Compare copy detectors: recall, false pairs, time and descriptor size.

True pairs are every source and each of its edited copies. Other pairs are all pairs of catalogue
pictures, except those of one photo: the same file, or judged so by a person (`judged_pairs.csv`).
No index is involved: pairs are compared directly, so a detector is judged by its descriptors alone.
"""

import hashlib
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np

from bench.data import attack_module, judged_pairs, sample_pictures
from bench.data.attack_module import SourcePicture
from bench.data.sample_pictures import SamplePicture
from bench.options import FOLDER
from bench.peers.copies import detector_pool
from bench.peers.copies.detectors.detector import CopyDetector
from bench.peers.copies.detectors.roster import DETECTORS
from bench.peers.copies.figures_table import DetectorFigures, markdown_table
from bench.report import Report, log_progress, reporting
from bench.statistics.metrics import mean
from bench.statistics.thresholds import (
    Distances,
    LimitFigures,
    best_f1,
    figures_at,
    widest_without_mistakes,
)
from core.environment import Environment

BLOCK = 32
"""Number of catalogue pictures compared with all others in one task."""


@dataclass
class DescribedCopies:
    """A source's copies as described by the detectors, and distances to it, by detector."""

    described: detector_pool.DescribedPictures
    distances: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    pair_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


@click.command("peers-duplicates")
@click.option(
    "--data", type=FOLDER, required=True, help="Folder with the test pictures and attacks.py."
)
@click.option("--limit", type=click.IntRange(2), help="Edit only this many pictures.")
@click.option("--others", type=click.IntRange(2), help="Compare only this many pictures.")
@click.option(
    "--only",
    type=click.Choice(tuple(DETECTORS)),
    multiple=True,
    help="Only this detector; repeatable.",
)
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True)
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(
    data: Path,
    limit: int | None,
    others: int | None,
    only: tuple[str, ...],
    processes: int,
    markdown: bool,
) -> None:
    """Compare ways of recognising edited copies on the same pictures and pairs."""
    with (
        reporting("peers-duplicates", markdown=markdown) as report,
        tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder,
        detector_pool.detector_processes(processes, only, Environment.current()) as (
            pool,
            taking_part,
        ),
    ):
        shots = [shot for shot in sample_pictures.read_pictures(data) if shot.is_catalogue]
        sources, compared = choose_pictures(shots, limit), choose_pictures(shots, others)
        report.sizes |= {"sources": len(sources), "compared": len(compared)}
        copies = describe_copies(pool, sources, data / "attacks.py")
        described = describe_catalogue(pool, compared)
        distinct = distinct_pairs(compared)
        report.sizes["pairs"] = int(distinct.sum())
        rows = []
        for detector in taking_part:
            detector_pool.save_descriptors(
                Path(folder), detector.name, described.descriptors[detector.name]
            )
            distances = np.where(
                distinct,
                compare_all_pairs(pool, Path(folder), detector.name, len(compared)),
                np.inf,
            )
            rows.append(detector_figures(detector, copies, described, distances[distinct]))
            i, j = divmod(int(distances.argmin()), len(compared))
            log_progress(
                f"{detector.name}: nearest others {distances[i, j]:.4g}, "
                f"{compared[i].id} {compared[j].id}"
            )
        if markdown:
            click.echo(markdown_table(rows))
        else:
            for row in rows:
                report_detector(report, row)


def choose_pictures(shots: Sequence[SamplePicture], count: int | None) -> list[SamplePicture]:
    """Return `count` pictures from all sets, always the same ones, or all."""
    ordered = sorted(shots, key=lambda shot: hashlib.sha256(shot.id.encode()).hexdigest())
    return sorted(ordered[:count], key=lambda shot: shot.id)


def describe_copies(
    pool: ProcessPoolExecutor, sources: Sequence[SamplePicture], attacks: Path
) -> list[DescribedCopies]:
    """Describe the edited copies of every source."""
    described = []
    for copies in pool.map(_copies, sources, itertools.repeat(attacks)):
        described.append(copies)
        if len(described) % 10 == 0:
            log_progress(f"{len(described)} of {len(sources)} sources edited")
    return described


def _copies(source: SamplePicture, attacks: Path) -> DescribedCopies:
    module = attack_module.open_module(attacks)
    files = dict(attack_module.make_variants(module, SourcePicture(source.id, source.path)))
    own = detector_pool.describe_files([source.path.read_bytes()])
    described = detector_pool.describe_files(list(files.values()))
    copies = DescribedCopies(described)
    for detector in detector_pool.process_detectors():
        (original,) = own.descriptors[detector.name]
        for attack, copy in zip(files, described.descriptors.pop(detector.name), strict=True):
            distance, took = detector_pool.timed_distance(detector, copy, original)
            copies.distances[detector.name][attack] = distance
            copies.pair_ms[detector.name].append(took)
    return copies


def describe_catalogue(
    pool: ProcessPoolExecutor, shots: Sequence[SamplePicture]
) -> detector_pool.DescribedPictures:
    """Return every detector's descriptors of the catalogue pictures, in order."""
    total = detector_pool.DescribedPictures(defaultdict(list), defaultdict(list), defaultdict(list))
    files = (shot.path.read_bytes() for shot in shots)
    for part in pool.map(detector_pool.describe_files, ([data] for data in files), chunksize=8):
        for name, descriptors in part.descriptors.items():
            total.descriptors[name] += descriptors
            total.took_ms[name] += part.took_ms[name]
            total.bytes_each[name] += part.bytes_each[name]
    return total


def distinct_pairs(
    shots: Sequence[SamplePicture],
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return a square mask: true above the diagonal where two pictures are not one photo."""
    one_photo = {one.pair for one in judged_pairs.read_judged_pairs() if one.truth == "same_photo"}
    digests = [hashlib.sha256(shot.path.read_bytes()).digest() for shot in shots]
    distinct = np.triu(np.ones((len(shots), len(shots)), bool), 1)
    for i, j in itertools.combinations(range(len(shots)), 2):
        if digests[i] == digests[j] or frozenset((shots[i].id, shots[j].id)) in one_photo:
            distinct[i, j] = False
    return distinct


def compare_all_pairs(pool: ProcessPoolExecutor, folder: Path, name: str, count: int) -> Distances:
    """Return the distance of every pair, in the upper half of a square table."""
    blocks = [range(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    tasks = [
        pool.submit(detector_pool.compare_saved, folder, name, name, name, rows, after_row=True)
        for rows in blocks
    ]
    return np.concatenate([task.result() for task in tasks])


def detector_figures(
    detector: CopyDetector,
    copies: Sequence[DescribedCopies],
    described: detector_pool.DescribedPictures,
    different: Distances,
) -> DetectorFigures:
    """Return a detector's figures, at its usual limit or else the one with the best F1 here."""
    name = detector.name
    by_attack = {
        attack: np.array([each.distances[name][attack] for each in copies])
        for attack in copies[0].distances[name]
    }
    same = np.concatenate(list(by_attack.values()))
    usual = (
        figures_at(same, different, detector.usual_limit)
        if detector.usual_limit is not None
        else best_f1(same, different)
    )
    strict = widest_without_mistakes(same, different)
    pair_ms = [took for each in copies for took in each.pair_ms[name]]

    def recalls(limit: LimitFigures) -> dict[str, float]:
        return {
            attack: figures_at(apart, different, limit.limit).recall
            for attack, apart in by_attack.items()
        }

    return DetectorFigures(
        name=name,
        usual=usual,
        is_fitted=detector.usual_limit is None,
        strict=strict,
        usual_recall=recalls(usual),
        strict_recall=recalls(strict),
        mistakes=int((different <= usual.limit).sum()),
        picture_ms=mean(described.took_ms[name]),
        pair_ms=mean(pair_ms),
        picture_bytes=mean(described.bytes_each[name]),
    )


def report_detector(report: Report, row: DetectorFigures) -> None:
    """Report a detector's figures."""
    for attack, recall in row.usual_recall.items():
        report.add(f"{row.name}.{attack}.usual", recall, "share")
        report.add(f"{row.name}.{attack}.no_mistake", row.strict_recall[attack], "share")
    report.add(f"{row.name}.all.usual", row.usual.recall, "share")
    report.add(f"{row.name}.all.no_mistake", row.strict.recall, "share")
    report.add(f"{row.name}.usual_limit", row.usual.limit, "distance")
    report.add(f"{row.name}.no_mistake_limit", row.strict.limit, "distance")
    report.add(f"{row.name}.false_pairs", row.mistakes, "pairs")
    report.add(f"{row.name}.picture", row.picture_ms, "ms")
    report.add(f"{row.name}.pair", row.pair_ms, "ms")
    report.add(f"{row.name}.bytes", row.picture_bytes, "bytes")
