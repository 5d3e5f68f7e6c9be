"""Reads two public sets of labelled duplicate listings, which whoever has them may point us at.

*Shopee Price Match*: a CSV of ``posting_id, image, image_phash, title, label_group`` and a folder
of pictures; listings with one label group are one product.
*Avito Duplicate Ads*: a CSV of pairs (``itemID_1, itemID_2, isDuplicate``), one of listings
(``itemID, title, description, images_array, price``), and folders of pictures named after the last
two digits of a picture's number.

Nothing of either is part of this project.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from bench.errors import LabelsUnreadable

SHOPEE_COLUMNS = ("posting_id", "image", "title", "label_group")
AVITO_PAIR_COLUMNS = ("itemID_1", "itemID_2", "isDuplicate")
AVITO_LISTING_COLUMNS = ("itemID", "title", "images_array")


@dataclass(frozen=True)
class LabelledListing:
    """A listing: its id, its title and the paths of its pictures, which may be missing on disk."""

    id: str
    title: str
    pictures: tuple[Path, ...]


@dataclass(frozen=True)
class LabelledListings:
    """Listings, and what people said of pairs of them: (id, id), sorted → the same product?"""

    listings: tuple[LabelledListing, ...]
    pairs: Mapping[tuple[str, str], bool] = field(repr=False)


def read_shopee(table: Path, pictures: Path, limit: int | None = None) -> LabelledListings:
    """Read the listings of the first `limit` label groups, and all pairs within a group.

    Raises LabelsUnreadable for a file that is not of this form.
    """
    groups: dict[str, list[LabelledListing]] = defaultdict(list)
    for row in _rows(table, SHOPEE_COLUMNS):
        if row["label_group"] in groups or limit is None or len(groups) < limit:
            listing = LabelledListing(row["posting_id"], row["title"], (pictures / row["image"],))
            groups[row["label_group"]].append(listing)
    pairs = {
        pair_of(first.id, second.id): True
        for members in groups.values()
        for first, second in combinations(members, 2)
    }
    return LabelledListings(tuple(one for members in groups.values() for one in members), pairs)


def read_avito(
    pairs: Path, table: Path, pictures: Path, limit: int | None = None
) -> LabelledListings:
    """Read the first `limit` pairs and their listings.

    Raises LabelsUnreadable for a file that is not of this form.
    """
    labels: dict[tuple[str, str], bool] = {}
    for row in _rows(pairs, AVITO_PAIR_COLUMNS):
        if limit is not None and len(labels) == limit:
            break
        labels[pair_of(row["itemID_1"], row["itemID_2"])] = row["isDuplicate"] == "1"
    wanted = {key for pair in labels for key in pair}
    listings = tuple(
        LabelledListing(
            row["itemID"],
            row["title"],
            tuple(avito_path(pictures, number) for number in _numbers(row["images_array"])),
        )
        for row in _rows(table, AVITO_LISTING_COLUMNS)
        if row["itemID"] in wanted
    )
    return LabelledListings(listings, labels)


def avito_path(folder: Path, number: str) -> Path:
    """Return where a picture lies: ``Images_<tens>/<last two digits>/<number>.jpg``."""
    digits = number.zfill(2)
    return folder / f"Images_{digits[-2]}" / str(int(digits[-2:])) / f"{number}.jpg"


def pair_of(first: str, second: str) -> tuple[str, str]:
    """Return a pair of ids in a fixed order."""
    return (first, second) if first <= second else (second, first)


def _numbers(text: str) -> list[str]:
    return [number.strip() for number in text.split(",") if number.strip().isdigit()]


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise LabelsUnreadable(f"{path} has no column {', '.join(missing)}")
        for number, row in enumerate(reader, start=2):
            if any(row[name] is None for name in columns):
                raise LabelsUnreadable(f"{path}, line {number}: a row has too few cells")
            yield row
