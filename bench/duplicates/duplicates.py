"""Measure whether edited copies are recognised and different pictures are not called copies.

Every source is a product of one picture. Each attack makes a copy of some of them, which is checked
through the real index as an upload; it is *recognised* when its own source is labelled `same_file`
or `same_photo`. Every source is also checked unedited against all the others: any other product
called the same photo is a false match, unless a person judged the two to be one photo.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click

from app.services import Services
from app.trust.examination.duplicate_check import CheckRequest, CheckResult
from bench.data import attack_module, judged_pairs
from bench.data.attack_module import SourcePicture
from bench.options import FILE, FOLDER, with_output_options
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.workspace import open_workspace
from core.errors import LookalikeError

HITS = 20
PROVED_LABELS = ("same_file", "same_photo")


@click.command("duplicates")
@click.option(
    "--sources", type=FOLDER, multiple=True, required=True, help="Folder of originals; repeatable."
)
@click.argument("more", type=FOLDER, nargs=-1)
@click.option("--attacks", type=FILE, required=True, help="Python file with the edits (attacks).")
@click.option("--limit", type=click.IntRange(2), help="Edit only this many sources.")
@click.option("--only", multiple=True, help="Apply only this attack; repeatable.")
@click.option(
    "--distractors",
    type=FOLDER,
    multiple=True,
    help="Folder of pictures to index only; repeatable.",
)
@with_output_options
def command(
    sources: tuple[Path, ...],
    more: tuple[Path, ...],
    attacks: Path,
    limit: int | None,
    only: tuple[str, ...],
    distractors: tuple[Path, ...],
    keep: bool,
    markdown: bool,
) -> None:
    """Check edited copies of pictures against an index of the originals.

    MORE are further folders of originals.
    """
    with reporting("duplicates", markdown=markdown) as report, open_workspace(keep=keep) as space:
        module = attack_module.open_module(attacks)
        names = attack_module.attack_names(module, only)
        originals = attack_module.list_sources(module, (*sources, *more), None)
        edited = attack_module.list_sources(module, (*sources, *more), limit)
        others = attack_module.list_sources(module, distractors, None)
        feed = space.folder / "sources.jsonl"
        write_feed(feed, originals, others)
        loaded = space.load(feed)
        report.sizes |= {
            "products": loaded.products,
            "pictures": loaded.pictures,
            "rejected": loaded.rejected,
            "sources": len(originals),
            "edited": len(edited),
            "distractors": len(others),
            "attacks": len(names),
            "checks": len(originals) + len(edited) * len(names),
        }
        with space.services() as services:
            took = report_recalls(report, services, edited, module, names)
            took += report_false_matches(report, services, originals, len(others))
        for percent, limit_ms in ((50, 150), (95, 300)):
            report.add(f"check.p{percent}", percentile(took, percent), "ms", at_most(limit_ms))


def write_feed(
    feed: Path, originals: Sequence[SourcePicture], others: Sequence[SourcePicture]
) -> None:
    """Write a feed of one product per picture; distractors' ids begin with ``other/``."""
    rows = [(source.id, source.path) for source in originals]
    rows += [(f"other/{source.id}", source.path) for source in others]
    with feed.open("w", encoding="utf-8") as lines:
        for key, path in rows:
            lines.write(json.dumps({"id": key, "title": path.stem, "image": str(path.resolve())}))
            lines.write("\n")


def report_recalls(
    report: Report,
    services: Services,
    edited: Sequence[SourcePicture],
    attacks: ModuleType,
    names: Sequence[str],
) -> list[float]:
    """Report the share recognised per attack and overall, and wrong matches; return the ms."""
    recognised: dict[str, list[bool]] = {name: [] for name in names}
    wrong: Counter[str] = Counter()
    took = []
    for number, source in enumerate(edited, start=1):
        for name, data in attack_module.make_variants(attacks, source, names):
            checked = check_upload(services, data, f"{name} of {source.id}")
            labels = proved_labels(checked) if checked else {}
            recognised[name].append(source.id in labels)
            wrong[name] += bool(labels.keys() - {source.id})
            took += [checked.took_ms] if checked else []
        if number % 10 == 0:
            log_progress(f"{number} of {len(edited)} edited sources checked")
    for name in names:
        report.add(f"{name}.recall", mean(recognised[name]), "share", at_least(0.95))
    outcomes = [one for each in recognised.values() for one in each]
    report.add("all.recall", mean(outcomes), "share", at_least(0.98))
    report.add("all.called_another", wrong.total(), "copies")
    return took


def report_false_matches(
    report: Report, services: Services, originals: Sequence[SourcePicture], others: int
) -> list[float]:
    """Report the pairs of different products called the same photo, and log them.

    Byte-identical pictures and pairs judged to be one photo are no false matches. Returns the time
    of each check, in ms.
    """
    pairs: dict[str, set[frozenset[str]]] = {label: set() for label in PROVED_LABELS}
    took = []
    for number, source in enumerate(originals, start=1):
        if number % 100 == 0:
            log_progress(f"{number} of {len(originals)} sources checked as they are")
        checked = check_upload(services, source.path.read_bytes(), source.id)
        took += [checked.took_ms] if checked else []
        for key, label in (proved_labels(checked) if checked else {}).items():
            if key != source.id:
                pairs[label].add(frozenset((source.id, key)))
    one_photo = {
        file_names(one.pair)
        for one in judged_pairs.read_judged_pairs()
        if one.truth == "same_photo"
    }
    false = {pair for pair in pairs["same_photo"] if file_names(pair) not in one_photo}
    count = len(originals)
    possible = count * (count - 1) // 2 + count * others
    for label, matched in (("same_file", pairs["same_file"]), ("false match", false)):
        for pair in sorted(sorted(one) for one in matched):
            log_progress(f"{label}: {' and '.join(pair)}")
    report.sizes |= {"pairs": possible}
    report.add("pairs_of_one_file", len(pairs["same_file"]), "pairs")
    report.add("pairs_judged_one_photo", len(pairs["same_photo"]) - len(false), "pairs")
    report.add("false_matches", len(false), "pairs", at_most(0))
    return took


def file_names(pair: frozenset[str]) -> frozenset[str]:
    """Return the file names of a pair without folders, which both kinds of id share."""
    return frozenset(one.replace("__", "/").rpartition("/")[2] for one in pair)


def check_upload(services: Services, data: bytes, what: str) -> CheckResult | None:
    """Check an upload; log and return None if it is refused."""
    try:
        return services.duplicate_check.check(CheckRequest(image=data, size=HITS))
    except LookalikeError as error:
        log_progress(f"{what}: {error}")
        return None


def proved_labels(checked: CheckResult) -> dict[str, str]:
    """Return product id → label of the matches with a proved label."""
    return {
        one.finding.picture.product_id: one.label
        for one in checked.matches
        if one.label in PROVED_LABELS
    }
