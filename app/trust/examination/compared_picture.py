"""One picture to compare: the values of its features, its pixels, and further views of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from app.trust.examination.evidence import ListingPicture
from app.trust.examination.placement import Placement, compared_size
from features import extraction
from features.base import Box, Json, Picture
from features.capabilities import QueryExpanding
from features.geometry import regions
from features.geometry.keypoint_store import KeypointStore
from features.geometry.view import MAX_SIDE, PictureView
from features.parts.finder import GROUND_SUFFIX, find_parts, part_id
from features.registry import Registry
from mappings.catalogue.products import PART, PICTURES, own_pictures

VIEW_FEATURE = "embedding"
"""The feature used for several views of a picture: the only one with a value for every view."""

VIEW_SIDE = 800
"""Pictures are shrunk to this, in pixels, before further views are made of them."""


@dataclass(frozen=True)
class ComparedPicture:
    """A picture to compare.

    `values` are by feature, as stored or as extracted for a query; vectors are arrays, which
    compare quickly. The values of a stored picture include the other fields of its document.
    `view` returns the pixels for the geometric check, or None if there are none. `views` are
    values of VIEW_FEATURE for further views of the picture: they find candidates and are no
    evidence. `turns` returns more of them, for quarter turns; they are computed only if nothing is
    found without. `picture` and `listing` are unknown for an upload. `view_id` is the id under
    which the pixels are stored: the picture's, or its part's. `placement` is where a part lies;
    None for a whole picture.
    """

    values: Mapping[str, Json]
    view: Callable[[], PictureView | None] = field(repr=False)
    views: tuple[Json, ...] = ()
    turns: Callable[[], tuple[Json, ...]] = field(default=tuple, repr=False)
    picture: ListingPicture | None = None
    listing: Mapping[str, Json] = field(default_factory=dict)
    view_id: str | None = None
    placement: Placement | None = None

    @property
    def is_on_other_ground(self) -> bool:
        """Whether the goods were laid on another ground than they are shown on."""
        return str(self.values.get("part", "")).endswith(GROUND_SUFFIX)


def describe_upload(
    picture: Picture,
    registry: Registry,
    *,
    listing: Mapping[str, Json] | None = None,
    views: bool = True,
    view: PictureView | None = None,
) -> ComparedPicture:
    """Return a picture that is not in the catalogue, with the values of every quick feature.

    `view` is the picture for the geometric check, if the caller has made it already.
    """
    values = extraction.extract_query(picture, registry)
    if VIEW_FEATURE in values:
        values[VIEW_FEATURE] = np.asarray(values[VIEW_FEATURE], np.float32)
    known = view or PictureView.of(picture.pixels)
    if not views:
        return ComparedPicture(values, lambda: known, listing=listing or {})
    return ComparedPicture(
        values, lambda: known, *_views(picture.pixels, registry), listing=listing or {}
    )


def describe_stored(
    product: Mapping[str, Json], values: Mapping[str, Json], keypoints: KeypointStore
) -> ComparedPicture:
    """Return a picture of the index, or a part of one; `values` are those of its document."""
    key, placement = values["image_id"], None
    if values.get("source") == PART:
        key = part_id(key, values["part"], values["box"])
        placement = Placement(Box.parse(values["box"]), _whole_size(product, values["image_id"]))
    return ComparedPicture(
        values,
        lambda: keypoints.view(key),
        picture=ListingPicture(product["id"], values["image_id"]),
        listing=product,
        view_id=key,
        placement=placement,
    )


def describe_parts(
    picture: Picture, registry: Registry, *, listing: Mapping[str, Json] | None = None
) -> list[ComparedPicture]:
    """Return the parts of an upload that are compared on their own; [] for most pictures."""
    compared = Registry(extraction.compared_features(registry).values())
    size = compared_size(*picture.pixels.size)
    parts = []
    for part in find_parts(picture):
        described = describe_upload(part.picture, compared, listing=listing, views=False)
        values = {**described.values, "part": part.kind}
        placement = Placement(part.box, size)
        parts.append(replace(described, values=values, placement=placement))
    return parts


def _whole_size(product: Mapping[str, Json], image_id: str) -> tuple[int, int]:
    for document in own_pictures(product.get(PICTURES, [])):
        if document["image_id"] == image_id:
            return compared_size(document["width"], document["height"])
    return MAX_SIDE, MAX_SIDE


def with_query_views(stored: ComparedPicture, registry: Registry) -> ComparedPicture:
    """Return a stored picture with further views and query values; unchanged without pixels."""
    view = stored.view()
    if view is None:
        return stored
    image = Image.fromarray(view.pixels)
    picture = Picture(image, image.width, image.height)
    expanding = Registry(
        feature
        for feature in registry.values()
        if isinstance(feature, QueryExpanding) and feature.name in stored.values
    )
    values = {**stored.values, **extraction.extract_query(picture, expanding)}
    views, turns = _views(image, registry)
    return replace(stored, values=values, views=views, turns=turns)


def parts(picture: Picture) -> list[Picture]:
    """Return the picture without borders, and the pictures in it, as in a page's screenshot.

    Mirror images are left out: to a network they hardly differ, and found 1 more of 2,160 copies.
    """
    image = picture.pixels
    boxes = [regions.find_content(image), *regions.find_pictures(image)]
    return [picture.crop(box) for box in dict.fromkeys(boxes) if box]


def quarter_turns(picture: Picture) -> list[Picture]:
    """Return the picture in quarter turns, whose embeddings differ much."""
    turns = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
    images = [picture.pixels.transpose(turn) for turn in turns]
    return [Picture(image, image.width, image.height) for image in images]


def _views(
    image: Image.Image, registry: Registry
) -> tuple[tuple[Json, ...], Callable[[], tuple[Json, ...]]]:
    """Return the views of a picture's parts, and a function that returns those of its turns."""
    feature = registry.get(VIEW_FEATURE)
    if feature is None:
        return (), tuple
    small = image.copy()
    small.thumbnail((VIEW_SIDE, VIEW_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    picture = Picture(small, small.width, small.height)

    def extract(pictures: Sequence[Picture]) -> tuple[Json, ...]:
        values = feature.extract(pictures)
        return tuple(np.asarray(value, np.float32) for value in values if value is not None)

    return extract(parts(picture)), lambda: extract(quarter_turns(picture))
