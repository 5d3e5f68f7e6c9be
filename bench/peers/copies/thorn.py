"""Measure recall at 99.99 % precision under the transforms of Thorn's published benchmark.

Its protocol: every copy is compared with all pictures, at 256 pixels; the distance to its own
source is a positive, the distance to the nearest other picture a negative. The limit is the widest
at which precision holds, per transform and over all of them. With fewer than 10,000 copies that is
the widest limit without a mistake.
"""

import tempfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click
import numpy as np

from bench.data import sample_pictures
from bench.data.sample_pictures import SamplePicture
from bench.options import FOLDER
from bench.peers.copies import detector_pool, thorn_transforms
from bench.peers.copies.detectors.detector import Descriptor
from bench.peers.copies.detectors.roster import DETECTORS
from bench.peers.copies.peers_duplicates import choose_pictures, distinct_pairs
from bench.peers.copies.thorn_transforms import PUBLISHED, TRANSFORMS
from bench.report import Report, log_progress, reporting
from bench.statistics.thresholds import Distances, widest_at_precision
from core.environment import Environment
from features.imaging.decode import FEED_LIMITS, decode

PRECISION = 0.9999
BLOCK = 32


@click.command("thorn")
@click.option("--data", type=FOLDER, required=True, help="Folder with the test pictures.")
@click.option("--limit", type=click.IntRange(2), help="Use only this many pictures.")
@click.option(
    "--only",
    type=click.Choice(tuple(DETECTORS)),
    multiple=True,
    help="Only this detector; repeatable.",
)
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True)
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(
    data: Path, limit: int | None, only: tuple[str, ...], processes: int, markdown: bool
) -> None:
    """Compare ways of recognising copies under the transforms that Thorn published."""
    with (
        reporting("thorn", markdown=markdown) as report,
        tempfile.TemporaryDirectory(prefix="lookalike-bench-") as name,
        detector_pool.detector_processes(processes, only, Environment.current()) as (
            pool,
            taking_part,
        ),
    ):
        folder = Path(name)
        names = [detector.name for detector in taking_part]
        shots = choose_pictures(
            [shot for shot in sample_pictures.read_pictures(data) if shot.is_catalogue], limit
        )
        report.sizes |= {"sources": len(shots), "copies": len(shots) * len(TRANSFORMS)}
        describe_transforms(pool, folder, names, shots)
        upper_half = distinct_pairs(shots)
        distinct = upper_half | upper_half.T
        recalls = {
            name: measure_recalls(pool, folder, name, distinct, [shot.id for shot in shots])
            for name in names
        }
        if markdown:
            click.echo(markdown_table(recalls))
        else:
            report_recalls(report, recalls)


def describe_transforms(
    pool: ProcessPoolExecutor, folder: Path, names: Sequence[str], shots: Sequence[SamplePicture]
) -> None:
    """Save every detector's descriptors of every transform's copies, in the pictures' order."""
    by_transform: dict[tuple[str, str], list[Descriptor | None]] = {}
    for number, described in enumerate(pool.map(_transformed, shots), start=1):
        for name in names:
            for transform, descriptor in zip(TRANSFORMS, described.descriptors[name], strict=True):
                by_transform.setdefault((name, transform), []).append(descriptor)
        if number % 50 == 0:
            log_progress(f"{number} of {len(shots)} pictures transformed")
    for (name, transform), descriptors in by_transform.items():
        detector_pool.save_descriptors(folder, f"{name}.{transform}", descriptors)


def _transformed(shot: SamplePicture) -> detector_pool.DescribedPictures:
    pixels = np.asarray(decode(shot.path.read_bytes(), FEED_LIMITS).pixels)
    files = thorn_transforms.transform_files(pixels, seed=zlib.crc32(shot.id.encode()))
    return detector_pool.describe_files([files[name] for name in TRANSFORMS])


def measure_recalls(
    pool: ProcessPoolExecutor,
    folder: Path,
    name: str,
    distinct: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    ids: Sequence[str],
) -> dict[str, float]:
    """Return recall by transform and over ``all``, each at its own limit."""
    count = len(distinct)
    tasks = {
        transform: [
            pool.submit(
                detector_pool.compare_saved,
                folder,
                name,
                f"{name}.{transform}",
                f"{name}.noop",
                range(start, min(start + BLOCK, count)),
                after_row=False,
            )
            for start in range(0, count, BLOCK)
        ]
        for transform in TRANSFORMS
    }
    own: dict[str, Distances] = {}
    others: dict[str, Distances] = {}
    for transform, parts in tasks.items():
        table = np.concatenate([part.result() for part in parts])
        own[transform] = np.diagonal(table).copy()
        to_others = np.where(distinct, table, np.inf)
        others[transform] = to_others.min(axis=1)
        row, column = divmod(int(to_others.argmin()), count)
        if to_others[row, column] < np.inf:
            log_progress(
                f"{name} {transform}: {to_others[row, column]:.4g} from {ids[row]} to {ids[column]}"
            )
    by_transform = {
        transform: widest_at_precision(own[transform], others[transform], PRECISION).recall
        for transform in TRANSFORMS
    }
    own_distances, other_distances = (
        np.concatenate(list(own.values())),
        np.concatenate(list(others.values())),
    )
    return {
        **by_transform,
        "all": widest_at_precision(own_distances, other_distances, PRECISION).recall,
    }


def report_recalls(report: Report, recalls: dict[str, dict[str, float]]) -> None:
    """Report every detector's recall by transform."""
    for name, recall in recalls.items():
        for transform, share in recall.items():
            report.add(f"{name}.{transform}.recall", share, "share")


def markdown_table(recalls: dict[str, dict[str, float]]) -> str:
    """Return a table: a row per transform, a column per detector, then Thorn's published ones."""
    columns = {**recalls, **{f"{name}, published": row for name, row in PUBLISHED.items()}}
    lines = [["", *columns], ["---"] * (len(columns) + 1)]
    lines += [
        [transform, *(f"{recall[transform]:.3f}" for recall in columns.values())]
        for transform in (*TRANSFORMS, "all")
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
