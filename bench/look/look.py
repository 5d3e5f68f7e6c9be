"""Measure searching the look: is each thing of a scene proposed, and how soon are all answered?"""

import io
import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from PIL import Image

from app.services import Services
from bench.instruments.web_server import UploadClient, run_server
from bench.look.scenes import Scene, compose, cut_out
from bench.options import FILE, with_output_options
from bench.report import Report, at_least, at_most, reporting
from bench.statistics.metrics import mean, percentile
from bench.workspace import open_workspace
from features.base import Box
from features.regions.overlap import OVERLAP_THRESHOLD, intersection_over_union
from indexer import demo
from mappings.catalogue.products import PICTURES, own_pictures

PROPOSALS = 6
SCENES = 60
FIRST_HITS = 3
MOST_GOODS = 1000
QUALITY = 88
"""Of a scene's JPEG: as the shop's pages send a photo."""


@dataclass(frozen=True)
class Answer:
    """The parts of one scene as the API gives them, and the milliseconds until they were there."""

    scene: Scene
    parts: Sequence[Any]
    ms: float


@click.command("look")
@click.option("--feed", type=FILE, help="Feed whose pictures to use. [default: a drawn shop]")
@click.option("--products", type=click.IntRange(20), default=300, show_default=True)
@click.option("--scenes", type=click.IntRange(1), default=SCENES, show_default=True)
@with_output_options
def command(feed: Path | None, products: int, scenes: int, keep: bool, markdown: bool) -> None:
    """Compose scenes of 3 to 5 products, and search each with all of its parts, over HTTP."""
    with reporting("look", markdown=markdown) as report, open_workspace(keep=keep) as space:
        space.load(feed or demo.write(space.folder / "demo", products))
        with space.services() as services:
            goods = read_goods(services)
        report.sizes |= {"goods": len(goods), "scenes": scenes}
        composed = [compose(goods, number) for number in range(scenes)]
        report.sizes["objects"] = sum(len(scene.objects) for scene in composed)
        with run_server(space.environment) as site, closing(UploadClient(site)) as client:
            ask(client, composed[0])
            report_answers(report, [ask(client, scene) for scene in composed])


def read_goods(services: Services) -> list[tuple[str, Image.Image]]:
    """Return key and cut-out of each product whose first picture has a ground to cut it out of."""
    body = {"query": {"match_all": {}}, "size": MOST_GOODS, "sort": ["id"]}
    goods = []
    for hit in services.catalogue.search(body)["hits"]["hits"]:
        product = hit["_source"]
        for picture in own_pictures(product.get(PICTURES, []))[:1]:
            with Image.open(services.thumbnails.path(picture["image_id"])) as image:
                cut = cut_out(image)
            if cut is not None:
                goods.append((str(product["id"]), cut))
    return goods


def ask(client: UploadClient, scene: Scene) -> Answer:
    """Search with a scene's photo as a page does, then with all of its parts, which is timed."""
    file = io.BytesIO()
    scene.image.save(file, "JPEG", quality=QUALITY)
    searched = json.loads(client.upload("/api/v1/search?keep_photo=true", file.getvalue()))
    began = time.perf_counter()
    answer = json.loads(client.post(f"/api/v1/look?photo={searched['picture']}.1"))
    return Answer(scene, answer["parts"], 1000 * (time.perf_counter() - began))


def report_answers(report: Report, answers: Sequence[Answer]) -> None:
    """Report the share of things proposed and found, and the times."""
    proposed, found, right = [], [], []
    for answer in answers:
        boxes = [Box.parse(part["crop"]) for part in answer.parts]
        for thing in answer.scene.objects:
            overlaps = [intersection_over_union(thing.box, box) for box in boxes]
            best = max(overlaps, default=0.0)
            proposed.append(best >= OVERLAP_THRESHOLD)
            if proposed[-1]:
                hits = answer.parts[overlaps.index(best)]["hits"]
                found.append(thing.key in [hit["id"] for hit in hits[:FIRST_HITS]])
        right += [
            max(intersection_over_union(thing.box, box) for thing in answer.scene.objects)
            >= OVERLAP_THRESHOLD
            for box in boxes
        ]
    times = [answer.ms for answer in answers]
    report.add("look.proposed", mean(proposed), "share of things", at_least(0.95))
    report.add("look.proposals_right", mean(right), "share of proposals")
    report.add("look.product_in_3", mean(found), "share of proposed things")
    report.add("look.parts_mean", mean([len(answer.parts) for answer in answers]), "parts")
    report.add("look.answered_p50", percentile(times, 50), "ms")
    report.add("look.answered_p95", percentile(times, 95), "ms", at_most(400))
