"""A part of the demo shop, drawn and loaded: relistings beside their originals, and their cases."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from app.services import Services, build_services
from app.settings import AppSettings
from app.trust.desk.case import Case, Member
from app.trust.desk.intake import case_id
from app.trust.examination import signals
from app.trust.examination.evidence import ListingPicture, PairFinding
from app.trust.examination.verdict import VerdictModel
from core.environment import Environment
from features.geometry.comparison import compare
from features.geometry.view import PictureView
from features.registry import load
from indexer.demo import draw_picture
from indexer.demo.shop_plan import Relisting, plan_shop
from mappings.catalogue.products import PICTURES
from tests.support.engine import Engine
from tests.support.own_index import own_index

FEATURES = "checksum,pdq"
"""Enough to load pictures quickly; cases are made from alignments, as a sweep makes them."""


@dataclass(frozen=True)
class DemoMarket:
    """The loaded listings, and the relistings among them that are no plain copies."""

    environment: Environment
    services: Services
    folder: Path
    relistings: tuple[Relisting, ...]

    def open_cases(self, first: int, number: int) -> list[Case]:
        """Open one case for each of these relistings, the oldest first."""
        now = datetime.now(UTC)
        opened = []
        for place, relisting in enumerate(self.relistings[first : first + number]):
            at = now - timedelta(hours=100 - place)
            whole, member = self._picture(relisting.original_id), self._finding(relisting)
            opened.append(Case(case_id(whole), "same_photo", whole, (Member(member),), at, at))
        self.services.desk.open_cases(opened)
        return opened

    def _picture(self, product_id: str) -> ListingPicture:
        product = self.services.catalogue.product(product_id)
        return ListingPicture(product_id, product[PICTURES][0]["image_id"])

    def _finding(self, relisting: Relisting) -> PairFinding:
        copy, whole = (
            PictureView.of(Image.open(self.folder / f"images/{key}-1.jpg").convert("RGB"))
            for key in (relisting.id, relisting.original_id)
        )
        alignment = compare(copy, whole)
        assert alignment is not None, f"{relisting} cannot be aligned"
        values = signals.alignment_signals(alignment)
        predicted = VerdictModel.load().predict(values)
        return PairFinding(
            self._picture(relisting.id),
            "same_photo",
            predicted.p_same_photo,
            predicted.p_same_product,
            values,
            predicted.contributions,
            alignment,
        )


@contextmanager
def opened(
    engine: Engine, settings: Environment, folder: Path, number: int
) -> Iterator[DemoMarket]:
    """Draw and load this many relistings with their originals; delete the index at the end."""
    shop = plan_shop(300)
    relistings = tuple(each for each in shop.relistings if each.edit != "copy")[:number]
    wanted = {key for each in relistings for key in (each.id, each.original_id)}
    for picture in shop.pictures:
        if picture.path in {f"images/{key}-1.jpg" for key in wanted}:
            draw_picture(folder, picture)
    rows = [{**row, "additional_image_link": []} for row in shop.rows if str(row["id"]) in wanted]
    feed = folder / "products.jsonl"
    feed.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    values = {**settings.values, "LOOKALIKE_FEATURES": FEATURES, "LOOKALIKE_SECOND_LOOKS": "0"}
    with own_index(engine, values) as environment:
        command = [sys.executable, "-m", "indexer", "load", str(feed), "--no-measure"]
        rejects = ["--rejects", str(folder / "rejects.jsonl")]
        subprocess.run([*command, *rejects], env=dict(environment.values), check=True, timeout=280)
        services = build_services(AppSettings.from_env(environment), load(environment))
        with closing(services):
            services.desk.prepare()
            yield DemoMarket(environment, services, folder, relistings)
