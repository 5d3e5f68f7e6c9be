"""A catalogue of arrows and a desk, to sweep without pictures.

The stand-in examiner compares stored arrows: what is tested is which pictures are met, grouped,
asked about and remembered, and that needs probabilities a test can choose, which no picture gives.
The real examiner sweeps real pictures in `tests/app/commands/test_duplicates_commands.py`.
"""

import math
import os
import signal
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.trust.banks.bank_matcher import BankMatch
from app.trust.banks.entry import BankEntry
from app.trust.desk.case import OPEN, VERDICTS, Case
from app.trust.desk.case_policy import CasePolicy
from app.trust.desk.decision import now
from app.trust.desk.desk import Desk
from app.trust.desk.settings import DeskSettings
from app.trust.examination.candidate_search import PRODUCTS
from app.trust.examination.evidence import Examination, ListingPicture, PairFinding
from app.trust.examination.stored_pictures import StoredPicture
from app.trust.sweeping import worker_pool
from app.trust.sweeping.case_builder import CaseBuilder
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.dispute_finder import DisputeFinder
from app.trust.sweeping.existing_cases import ExistingCases
from app.trust.sweeping.follower import Follower
from app.trust.sweeping.stored_picture_examiner import StoredPictureExaminer
from app.trust.sweeping.sweep import Sweep
from core.errors import EngineUnavailable, NotFound
from features.base import Json
from features.registry import Registry
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.scan import PictureListing
from mappings.engine.gateway import Gateway
from mappings.search.filters import Filters
from mappings.trust.desk import DeskIndex
from tests.support.plain_features import Arrow, Stamp

REACH = 10.0
"""Degrees at which two arrows are certainly different pictures; at 0 they are certainly one."""

OLD = "2026-05-01T12:00:00.000+00:00"


def image(degrees: float) -> str:
    """Return the id of the picture whose arrow points there."""
    return f"{round(degrees * 10):064x}"


def product(
    key: str, *degrees: float, added_at: str = OLD, seller: str = "", group: str = ""
) -> Json:
    """Return a product with a picture for each arrow."""
    pictures = [
        {
            "image_id": image(one),
            "arrow": [math.cos(math.radians(one)), math.sin(math.radians(one))],
            "added_at": added_at,
        }
        for one in degrees
    ]
    owner = {"seller_id": seller, "item_group_id": group}
    return {"id": key, "images": pictures, **{name: text for name, text in owner.items() if text}}


def angle(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the angle between two arrows in degrees, to a tenth."""
    cosine = sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))
    return round(math.degrees(math.acos(min(1.0, cosine))), 1)


@dataclass
class Arrows:
    """Finds pictures whose arrows point nearly the same way; counts what it examines.

    `broken` pictures cannot be examined. At the picture `fatal` the process is killed. The first
    `failures` questions find no engine. `reach` is the model's: see REACH.
    """

    catalogue: Catalogue
    broken: Collection[str] = ()
    fatal: str = ""
    failures: int = 0
    reach: float = REACH
    examined: Counter[str] = field(default_factory=Counter)

    def examine_stored(
        self, batch: Sequence[StoredPicture], filters: Filters | None = None
    ) -> list[Examination]:
        """Return one examination per picture."""
        if self.failures:
            self.failures -= 1
            raise EngineUnavailable("Elasticsearch does not answer")
        without = filters.excluded_ids if filters else ()
        every = [
            (ListingPicture(source["id"], one["image_id"]), one["arrow"])
            for page in scan.scan_pictures(self.catalogue)
            for source, one in page.pictures
            if source["id"] not in without
        ]
        return [self._examined(one, every) for one in batch]

    def _examined(
        self, one: StoredPicture, every: Iterable[tuple[ListingPicture, Sequence[float]]]
    ) -> Examination:
        own = ListingPicture(str(one.product["id"]), str(one.document["image_id"]))
        if own.image_id in self.broken:
            raise NotFound("there is no such picture")
        if own.image_id == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.examined[own.image_id] += 1
        found = []
        for party, arrow in every:
            apart = angle(one.document["arrow"], arrow)
            if party != own and apart < self.reach:
                same = 1 - apart / self.reach
                label = (
                    "same_file" if not apart else "same_photo" if same >= 0.5 else "same_product"
                )
                found.append(PairFinding(party, label, same, 0.9))
        nearest = sorted(found, key=lambda f: (-f.p_same_photo, f.picture))[:PRODUCTS]
        return Examination(own, tuple(nearest))


@dataclass
class Lists:
    """Banks of picture ids."""

    banks: Mapping[str, str] = field(default_factory=dict)

    def match_stored(self, batch: Sequence[StoredPicture]) -> list[list[BankMatch]]:
        """Return the entry of each picture that is in a bank."""
        return [self._matches(str(one.document["image_id"])) for one in batch]

    def _matches(self, image_id: str) -> list[BankMatch]:
        if image_id not in self.banks:
            return []
        bank = self.banks[image_id]
        entry = BankEntry(f"{bank}-x", bank, "f" * 64, "", "", "", "", "aoi", now(), True)
        return [BankMatch(entry, PairFinding(entry.picture, "same_photo", 0.95, 0.95))]


@dataclass
class Silent:
    """Keeps what a sweep says."""

    said: list[str] = field(default_factory=list)
    done: int = 0

    def set_total(self, units: int) -> None:
        """Do nothing."""

    def advance(self, units: int, rated: int | None = None) -> None:
        """Count."""
        self.done += units

    def say(self, line: str) -> None:
        """Keep the line."""
        self.said.append(line)


class Works:
    """A catalogue, a desk and what sweeps them, under index names of the test's own."""

    def __init__(self, gateway: Gateway, alias: str, folder: Path) -> None:
        self.folder = folder
        self.catalogue = Catalogue(gateway, Registry([Arrow(), Stamp()]), alias)
        self.catalogue.prepare()
        self.index = DeskIndex(gateway, f"{alias}-desk")
        self.desk = Desk(self.index, DeskSettings(index=f"{alias}-desk", second_looks=0))
        self.arrows = Arrows(self.catalogue)
        self.lists = Lists()
        self.lost: set[str] = set()
        self.told = Silent()
        self.pauses: list[float] = []

    def write(self, *products: Json) -> None:
        """Put products into the catalogue."""
        assert self.catalogue.write(products, refresh=True) == {}

    def _showing(self, image_ids: Collection[str]) -> Mapping[str, Sequence[PictureListing]]:
        return scan.listings_showing(self.catalogue, image_ids)

    def _parts(self, opening: CaseThresholds) -> tuple[StoredPictureExaminer, CaseBuilder]:
        examiner = StoredPictureExaminer(
            self.arrows, self.lists, self._showing, opening, lambda key: key not in self.lost
        )
        finder = DisputeFinder(ExistingCases(self.index), self.desk, self._showing)
        return examiner, CaseBuilder(
            self.desk, finder, self._showing, opening, self.desk.policies.current, now
        )

    def follow_policy(self, **policy: Any) -> None:
        """Put another policy of cases in force."""
        self.desk.policies.save(CasePolicy(**policy), "aoi")

    def sweep(self, opening: CaseThresholds = CaseThresholds()) -> Sweep:  # noqa: B008
        """Return a sweep."""
        examiner, case_builder = self._parts(opening)
        return Sweep(
            self.catalogue,
            lambda _: worker_pool.thread_pool(examiner, 2, self.pauses.append),
            case_builder,
            opening,
            self.folder,
            now,
            self.pauses.append,
        )

    def follow(self, opening: CaseThresholds = CaseThresholds()) -> Follower:  # noqa: B008
        """Return a follower."""
        full = self.sweep(opening)
        return Follower(self.catalogue, *self._parts(opening), full, self.folder, now)

    def cases(self) -> list[Case]:
        """Return all cases, by representative and round."""
        self.index.prepare()
        self.index.cases.refresh()
        stored = self.index.cases.scan({"sort": [{"id": "asc"}]})
        found = [Case.from_json(one.source) for one in stored]
        return sorted(found, key=lambda case: (case.representative, case.round, case.queue))

    def asked(self) -> list[tuple[str, str, list[str]]]:
        """Return every case as queue, representing product, and its members' products."""
        return [
            (c.queue, c.representative.product_id, sorted(m.picture.product_id for m in c.members))
            for c in self.cases()
        ]

    def decide_all(self, verdict: str = VERDICTS[0]) -> int:
        """Decide every open case; return how many there were."""
        waiting = [case for case in self.cases() if case.state == OPEN]
        for case in waiting:
            held = self.desk.claim(case.id, "aoi")
            assert held.version is not None
            said = {member.picture.key: verdict for member in held.members}
            self.desk.decide(case.id, "aoi", said, version=held.version)
        return len(waiting)
