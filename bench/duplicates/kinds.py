"""Measure the verdict on kinds of pictures that are hard to judge, each in an index of its own.

A kind makes its instances by rule from real and drawn pictures. A check *misses* when a copy isn't
called the same photo; it is *false* when any other picture is.
"""

import json
import random
import tempfile
from pathlib import Path

import click

from app.services import Services
from bench.data.sample_pictures import read_pictures
from bench.duplicates import kind_bars, kind_crowd, kind_cutouts, kind_parts
from bench.duplicates.case_set import CaseSet, PictureKind
from bench.duplicates.duplicates import check_upload, proved_labels
from bench.options import FOLDER, with_output_options
from bench.report import Report, at_most, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.workspace import open_workspace

KINDS: tuple[PictureKind, ...] = (
    kind_bars.KIND,
    kind_cutouts.KIND,
    kind_parts.KIND,
    kind_crowd.KIND,
)

SOURCES = ("clothing", "grocery", "saleor")
"""Catalogues of the test data that instances are made from."""


@click.command("kinds")
@click.option("--data", type=FOLDER, required=True, help="Folder with the test data.")
@click.option("--only", multiple=True, help="Measure only this kind; repeatable.")
@click.option("--count", type=click.IntRange(1), default=60, show_default=True)
@click.option("--seed", type=int, default=11, show_default=True)
@with_output_options
def command(
    data: Path, only: tuple[str, ...], count: int, seed: int, keep: bool, markdown: bool
) -> None:
    """Check copies and lookalikes of each kind; --count is how many instances a kind makes."""
    pictures = [each.path for each in read_pictures(data) if each.set in SOURCES]
    with reporting("kinds", markdown=markdown) as report:
        for kind in KINDS:
            if not only or kind.name in only:
                cases = kind.make(pictures, count, random.Random(f"{kind.name} {seed}"))
                measure(report, kind, cases, keep=keep)


def measure(report: Report, kind: PictureKind, cases: CaseSet, *, keep: bool) -> None:
    """Load a kind's pictures, make its checks and report the shares missed and false."""
    with open_workspace(keep=keep) as space, tempfile.TemporaryDirectory() as folder:
        space.load(write_feed(Path(folder), cases))
        report.sizes |= {"stored": len(cases.stored), "checks": len(cases.checks)}
        with space.services() as services:
            _report_checks(report, services, kind, cases)


def _report_checks(report: Report, services: Services, kind: PictureKind, cases: CaseSet) -> None:
    missed: list[bool] = []
    false: list[bool] = []
    took: list[float] = []
    for check in cases.checks:
        checked = check_upload(services, check.data, f"{kind.name} {check.name}")
        labels = proved_labels(checked) if checked else {}
        took += [checked.took_ms] if checked else []
        lost = check.copies - labels.keys()
        wrong = labels.keys() - check.copies - check.others
        if check.copies:
            missed.append(bool(lost))
        false.append(bool(wrong))
        for what, ids in (("missed", lost), ("false", wrong)):
            if ids:
                log_progress(f"{kind.name} {check.name}: {what} {', '.join(sorted(ids))}")
    if missed:
        report.add(f"{kind.name}.missed", mean(missed), "share", at_most(kind.at_most_missed))
    report.add(f"{kind.name}.false", mean(false), "share", at_most(kind.at_most_false))
    report.add(f"{kind.name}.p50", percentile(took, 50), "ms")


def write_feed(folder: Path, cases: CaseSet) -> Path:
    """Write the stored pictures and a feed of one product each, every one of another seller."""
    feed = folder / "feed.jsonl"
    with feed.open("w", encoding="utf-8") as lines:
        for number, file in enumerate(cases.stored):
            name = f"{number:05d}{file.suffix}"
            (folder / name).write_bytes(file.data)
            row = {"id": file.id, "title": file.id, "image": name, "seller_id": f"s{number}"}
            lines.write(json.dumps(row) + "\n")
    return feed
