"""Measure a duplicate sweep: time and memory by catalogue size, and the copies it finds."""

import io
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from PIL import Image, ImageOps

from app.trust.desk.case import Case
from app.trust.desk.decision import now
from app.trust.desk.desk import Desk
from app.trust.desk.settings import DeskSettings
from bench.data import drawn_pictures
from bench.instruments.memory import MemoryWatch
from bench.options import FOLDER, with_output_options
from bench.report import Report, at_most, log_progress, reporting
from bench.statistics.metrics import mean
from bench.statistics.power_law import fit_power_law
from bench.workspace import Workspace, open_workspace
from core.environment import Environment
from core.errors import InvalidSetting
from indexer.feeds import folder
from mappings.engine.connection import EngineSettings, connect
from mappings.trust.desk import DeskIndex

LARGEST, LARGEST_S = 10_000, 600
"""Limit of seconds for a sweep of LARGEST pictures."""

QUALITY = 60


def _cropped(image: Image.Image) -> Image.Image:
    across, down = image.size
    return image.crop((across // 10, down // 10, across, down))


EDITS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "jpeg": lambda image: image,
    "crop": _cropped,
    "mirror": ImageOps.mirror,
    "frame": lambda image: ImageOps.expand(image, image.width // 12, "white"),
    "shrink": lambda image: image.resize((image.width // 2, image.height // 2)),
}
"""Edits of copies, in turn; every sixth copy is the same file."""

VERY_FILE = "file"


@dataclass(frozen=True)
class CopiedFeed:
    """A feed in which some products are copies.

    `family` maps a product to its original, `edits` a copy to its edit.
    """

    feed: Path
    family: Mapping[str, str]
    edits: Mapping[str, str]


@dataclass(frozen=True)
class CaseRecall:
    """Products with a copy: how many are in a case with one (`matched`), of `with_copy` in all.

    `by_edit` is the share of copies in a case with their original, by edit. `false_members` counts
    members of a case that do not belong to its representative's family.
    """

    matched: int
    with_copy: int
    false_members: int
    by_edit: Mapping[str, float]


@click.command("sweep")
@click.argument("sizes", nargs=-1, type=click.IntRange(10))
@click.option("--copies", type=click.FloatRange(0, 0.9), default=0.2, show_default=True)
@click.option(
    "--pictures-from",
    type=FOLDER,
    help="Use the pictures of this folder as originals instead of drawing them.",
)
@with_output_options
def command(
    sizes: tuple[int, ...], copies: float, pictures_from: Path | None, keep: bool, markdown: bool
) -> None:
    """Sweep catalogues of SIZES pictures (default: 1000 3000 10000), some of them edited copies."""
    pictures = sorted(folder.picture_files(pictures_from)) if pictures_from else []
    took = {}
    with reporting("sweep", markdown=markdown) as report:
        for size in sizes or (1000, 3000, LARGEST):
            with open_workspace(keep=keep) as space:
                report.sizes |= {"pictures": size, "copies": round(size * copies)}
                took[size] = _measured(report, space, size, copies, pictures)
        if len(took) > 1:
            report.add("sweep.exponent", fit_power_law(list(took.items())).exponent, "")


def _measured(
    report: Report, space: Workspace, size: int, copies: float, pictures: Sequence[Path]
) -> float:
    """Sweep one size and report; return the seconds."""
    index = space.environment.text("LOOKALIKE_INDEX")
    environment = Environment({**space.environment.values, "LOOKALIKE_DESK_INDEX": f"{index}-desk"})
    log_progress(f"making {size} pictures")
    grown = write_copied_feed(space.folder, size, copies, pictures)
    space.load(grown.feed)
    seconds, peak_mb = _swept(environment)
    limit = at_most(LARGEST_S) if size == LARGEST else None
    report.add(f"sweep.{size}.time", seconds, "s", limit)
    report.add(f"sweep.{size}.rate", size / seconds, "pictures/s")
    report.add(f"sweep.{size}.peak_rss", peak_mb, "MB")
    gateway = connect(EngineSettings.from_env(environment))
    desk_index = DeskIndex(gateway, f"{index}-desk")
    desk = Desk(desk_index, DeskSettings(index=f"{index}-desk", second_looks=0), clock=now)
    cases = list(_cases(desk_index))
    report.add(f"sweep.{size}.cases", len(cases), "cases")
    compared = compare_cases(cases, grown)
    report.add(f"sweep.{size}.recall", compared.matched / max(1, compared.with_copy), "share")
    for edit, recall in compared.by_edit.items():
        report.add(f"sweep.{size}.recall.{edit}", recall, "share")
    report.add(f"sweep.{size}.false_members", compared.false_members, "listings")
    for case in cases:
        claimed = desk.claim(case.id, "bench")
        assert claimed.version is not None
        answers = {member.picture.key: "duplicate" for member in claimed.members}
        desk.decide(case.id, "bench", answers, version=claimed.version)
    _swept(environment)
    report.add(
        f"sweep.{size}.opened_again",
        len(list(_cases(desk_index))) - len(cases),
        "cases",
        at_most(0),
    )
    gateway.close()
    return seconds


def write_copied_feed(
    place: Path, size: int, copies: float, pictures: Sequence[Path]
) -> CopiedFeed:
    """Write a feed of `size` products, of which the share `copies` are copies of others.

    Raises InvalidSetting when there are fewer pictures than originals.
    """
    originals = size - round(size * copies)
    if pictures and len(pictures) < originals:
        raise InvalidSetting(f"{originals} originals need as many pictures, not {len(pictures)}")
    (place / "pictures").mkdir()
    family, edits = {}, {}
    with (place / "products.jsonl").open("w", encoding="utf-8") as lines:
        for number in range(size):
            # Copies are spread over the originals: some have several.
            source = number if number < originals else (number * 7919) % originals
            data = (
                pictures[source].read_bytes() if pictures else drawn_pictures.draw_picture(source)
            )
            key = f"p{number:06d}"
            if number >= originals:
                edits[key] = edit_of(number)
                data = copy_picture(data, edits[key])
            name = f"pictures/{number:06d}.jpg"
            (place / name).write_bytes(data)
            family[key] = f"p{source:06d}"
            row = {"id": key, "title": f"Product {number}", "image_link": name}
            lines.write(json.dumps(row) + "\n")
    return CopiedFeed(place / "products.jsonl", family, edits)


def edit_of(number: int) -> str:
    """Return the edit of a product's picture if it is a copy."""
    return (*EDITS, VERY_FILE)[number % (len(EDITS) + 1)]


def copy_picture(data: bytes, edit: str) -> bytes:
    """Return the picture after an edit, or the file unchanged."""
    if edit == VERY_FILE:
        return data
    with Image.open(io.BytesIO(data)) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    file = io.BytesIO()
    EDITS[edit](image).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _swept(environment: Environment) -> tuple[float, float]:
    """Run the sweep command; return the seconds and the peak memory in MB, with children."""
    command = [sys.executable, "-m", "flask", "--app", "app.wsgi", "duplicates", "sweep"]
    began = time.monotonic()
    with (
        subprocess.Popen(command, env=dict(environment.values)) as process,
        MemoryWatch(process.pid) as watch,
    ):
        code = process.wait()
    if code:
        raise InvalidSetting(f"the sweep ended with exit code {code}; see the lines above")
    return time.monotonic() - began, max(sample.tree_mb for sample in watch.samples)


def _cases(index: DeskIndex) -> Iterator[Case]:
    index.cases.refresh()
    for stored in index.cases.scan({"sort": [{"id": "asc"}]}):
        yield Case.from_json(stored.source)


def compare_cases(cases: Sequence[Case], grown: CopiedFeed) -> CaseRecall:
    """Return how the cases compare with the true families."""
    family = grown.family
    families = defaultdict(set)
    for product, original in family.items():
        families[original].add(product)
    kin = {product for several in families.values() if len(several) > 1 for product in several}
    in_case, false = set(), 0
    for case in cases:
        first = case.representative.product_id
        for member in case.members:
            other = member.picture.product_id
            if family[first] == family[other]:
                in_case |= {first, other}
            else:
                false += 1
    copies: dict[str, list[bool]] = defaultdict(list)
    for product, edit in grown.edits.items():
        copies[edit].append(product in in_case)
    by_edit = {edit: mean(copies[edit]) for edit in sorted(copies)}
    return CaseRecall(len(in_case), len(kin), false, by_edit)
