"""One picture as the examination sees it: what every feature says of it, and its view."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from app.trust.examination.evidence import ListingPicture
from features import extraction
from features.base import Json, Picture
from features.capabilities import QueryExpanding
from features.geometry import regions
from features.geometry.keypoint_store import KeypointStore
from features.geometry.view import PictureView
from features.registry import Registry

VIEW_FEATURE = "embedding"
"""The feature that is asked about several views of a picture: it alone is blind to none."""


VIEW_SIDE = 800
"""Pictures are shrunk to this, in pixels, before further views are made of them."""


@dataclass(frozen=True)
class ComparedPicture:
    """A picture to compare.

    `values` are by feature, as stored or as asked; vectors are arrays, which compare quickly. A
    stored picture's document holds other fields besides.
    `view` gives the picture for the geometric check, or None where its pixels are not to be had.
    `views` are what the feature VIEWED says of further views of it: they find candidates and are
    no evidence. `turns` gives more of them, by quarter turns, for a picture of which nothing is
    found without. `party` and `listing` are unknown for an upload.
    """

    values: Mapping[str, Json]
    view: Callable[[], PictureView | None] = field(repr=False)
    views: tuple[Json, ...] = ()
    turns: Callable[[], tuple[Json, ...]] = field(default=tuple, repr=False)
    picture: ListingPicture | None = None
    listing: Mapping[str, Json] = field(default_factory=dict)


def describe_upload(
    picture: Picture,
    registry: Registry,
    *,
    listing: Mapping[str, Json] | None = None,
    views: bool = True,
    view: PictureView | None = None,
) -> ComparedPicture:
    """Return a picture that is not in the catalogue, seen by every quick feature.

    `view` is the picture for the geometric check where that was made before.
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
    product: Mapping[str, Json], picture: Mapping[str, Json], shelf: KeypointStore
) -> ComparedPicture:
    """Return a picture of the index."""
    return ComparedPicture(
        picture,
        lambda: shelf.view(picture["image_id"]),
        picture=ListingPicture(product["id"], picture["image_id"]),
        listing=product,
    )


def with_query_views(known: ComparedPicture, registry: Registry) -> ComparedPicture:
    """Return a stored picture with its further views and query values, as far as it can be seen."""
    view = known.view()
    if view is None:
        return known
    image = Image.fromarray(view.pixels)
    picture = Picture(image, image.width, image.height)
    turning = Registry(
        one
        for one in registry.values()
        if isinstance(one, QueryExpanding) and one.name in known.values
    )
    values = {**known.values, **extraction.extract_query(picture, turning)}
    parts, turns = _views(image, registry)
    return replace(known, values=values, views=parts, turns=turns)


def parts(picture: Picture) -> list[Picture]:
    """Return the picture without its borders, and the pictures in it: a screenshot is mostly page.

    A network sees little difference in a mirror image, whose view found 1 more of 2,160 edited
    copies.
    """
    image = picture.pixels
    boxes = [regions.find_content(image), *regions.find_pictures(image)]
    return [picture.crop(box) for box in dict.fromkeys(boxes) if box]


def quarter_turns(picture: Picture) -> list[Picture]:
    """Return the picture in quarter turns, in which a network sees much difference."""
    turns = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
    images = [picture.pixels.transpose(turn) for turn in turns]
    return [Picture(one, one.width, one.height) for one in images]


def _views(
    image: Image.Image, registry: Registry
) -> tuple[tuple[Json, ...], Callable[[], tuple[Json, ...]]]:
    """Return what VIEWED says of a picture's parts, and what gives the same of its turns."""
    feature = registry.get(VIEW_FEATURE)
    if feature is None:
        return (), tuple
    small = image.copy()
    small.thumbnail((VIEW_SIDE, VIEW_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    picture = Picture(small, small.width, small.height)

    def seen(pictures: Sequence[Picture]) -> tuple[Json, ...]:
        values = feature.extract(pictures)
        return tuple(np.asarray(value, np.float32) for value in values if value is not None)

    return seen(parts(picture)), lambda: seen(quarter_turns(picture))
