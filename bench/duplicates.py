"""Are edited copies recognised, and are different pictures left alone?

Every source is a product of one picture; every attack makes a copy of it, which is checked through
the real index as an upload. A copy is *proved* when its own source is labelled `same_file` or
`same_photo`, and *found* when its source is among the hits, whatever the label.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import click

from app.duplicates import Check, CheckRequest
from app.services import Services
from bench import edits
from bench.edits import Source
from bench.metrics import mean
from bench.options import FILE, FOLDER, shared
from bench.report import Report, reporting, say
from bench.workspace import workspace
from features.errors import LookalikeError

HITS = 20
PROVED = ("same_file", "same_photo")


@click.command("duplicates")
@click.option("--sources", type=FOLDER, multiple=True, required=True, help="One or several.")
@click.argument("more", type=FOLDER, nargs=-1)
@click.option("--attacks", type=FILE, required=True, help="The module that makes the copies.")
@click.option("--limit", type=click.IntRange(2), help="Take that many sources in all.")
@click.option("--distractors", type=FOLDER, multiple=True, help="Only indexed. Repeatable.")
@shared
def command(
    sources: tuple[Path, ...],
    more: tuple[Path, ...],
    attacks: Path,
    limit: int | None,
    distractors: tuple[Path, ...],
    keep: bool,
    markdown: bool,
) -> None:
    """Check edited copies of pictures against the index that holds the originals.

    MORE are further folders of `--sources`: an option of click takes one value at a time.
    """
    with reporting("duplicates", markdown=markdown) as report, workspace(keep=keep) as space:
        module = edits.open_module(attacks)
        originals = edits.sources(module, (*sources, *more), limit)
        others = edits.sources(module, distractors, None)
        feed = space.folder / "sources.jsonl"
        write_feed(feed, originals, others)
        loaded = space.load(feed)
        report.sizes |= {
            "products": loaded.products,
            "pictures": loaded.pictures,
            "rejected": loaded.rejected,
            "sources": len(originals),
            "distractors": len(others),
            "attacks": len(module.ATTACKS),
            "queries": len(originals) * (1 + len(module.ATTACKS)),
        }
        with space.services() as services:
            recalls(report, services, module, originals)
            false_matches(report, services, originals, len(others))


def write_feed(feed: Path, originals: Sequence[Source], others: Sequence[Source]) -> None:
    """Write a feed of one product a picture; distractors' ids begin with ``other/``."""
    rows = [(source.id, source.path) for source in originals]
    rows += [(f"other/{source.id}", source.path) for source in others]
    with feed.open("w", encoding="utf-8") as lines:
        for key, path in rows:
            lines.write(json.dumps({"id": key, "title": path.stem, "image": str(path.resolve())}))
            lines.write("\n")


def recalls(
    report: Report, services: Services, attacks: ModuleType, originals: Sequence[Source]
) -> None:
    """Report the shares proved and found, per attack and over all, and wrong proofs."""
    proved: dict[str, list[bool]] = {name: [] for name in attacks.ATTACKS}
    found: dict[str, list[bool]] = {name: [] for name in attacks.ATTACKS}
    wrong: Counter[str] = Counter()
    for number, source in enumerate(originals, start=1):
        for name, data in edits.variants(attacks, source):
            checked = check(services, data, f"{name} of {source.id}")
            labels = proofs(checked) if checked else {}
            hits = checked.matches if checked else ()
            proved[name].append(source.id in labels)
            found[name].append(source.id in {hit.finding.party.product_id for hit in hits})
            wrong[name] += bool(labels.keys() - {source.id})
        if number % 10 == 0:
            say(f"{number} of {len(originals)} sources checked")
    for name in attacks.ATTACKS:
        report.add(f"{name}.proved", mean(proved[name]), "share")
        report.add(f"{name}.found_in_{HITS}", mean(found[name]), "share")
    report.add("all.proved", mean([one for each in proved.values() for one in each]), "share")
    report.add(
        f"all.found_in_{HITS}", mean([one for each in found.values() for one in each]), "share"
    )
    report.add("all.proved_of_another", wrong.total(), "copies")


def false_matches(
    report: Report, services: Services, originals: Sequence[Source], others: int
) -> None:
    """Report the pairs of different products said to show the same photo, and name them.

    Byte-identical pictures are no false match: they are the same picture twice in the data.
    """
    pairs: dict[str, set[frozenset[str]]] = {label: set() for label in PROVED}
    for source in originals:
        checked = check(services, source.path.read_bytes(), source.id)
        for key, label in (proofs(checked) if checked else {}).items():
            if key != source.id:
                pairs[label].add(frozenset((source.id, key)))
    count = len(originals)
    possible = count * (count - 1) // 2 + count * others
    for label, matched in pairs.items():
        for pair in sorted(sorted(one) for one in matched):
            say(f"{label}: {' and '.join(pair)}")
    report.add("pairs_of_one_file", len(pairs["same_file"]), "pairs")
    report.add("false_matches", len(pairs["same_photo"]), "pairs")
    report.add("false_match_rate", len(pairs["same_photo"]) / max(1, possible), "share")


def check(services: Services, data: bytes, what: str) -> Check | None:
    """Return the check of one upload, or None for one that is refused, which is told."""
    try:
        return services.duplicates.check(CheckRequest(image=data, size=HITS))
    except LookalikeError as error:
        say(f"{what}: {error}")
        return None


def proofs(checked: Check) -> dict[str, str]:
    """Return product id → label for what is proved."""
    return {
        one.finding.party.product_id: one.label for one in checked.matches if one.label in PROVED
    }
