"""Stores the parts of a picture that a duplicate check compares on their own.

Only pages, collages, framed pictures and goods on a coloured ground have parts. A part takes a
nested document with what proposes and compares candidates (about 6 kB, mostly its vector), a
thumbnail of up to 480 pixels (about 30 kB) and, once it is compared, up to 53 kB of keypoints. A
picture has 16 parts at most.
"""

from collections.abc import Mapping
from dataclasses import replace

from features import extraction
from features.base import Feature, Json, Picture
from features.parts.finder import find_parts, part_id
from indexer.loading.dependencies import ThumbnailStore
from mappings.catalogue.products import PART


def store_parts(
    picture: Picture, image_id: str, fields: Mapping[str, Feature], thumbnails: ThumbnailStore
) -> list[Json]:
    """Return a document for each part, without the fields shared with its picture; save its pixels.

    `fields` maps each document field to the feature that fills it.
    """
    compared = extraction.compared_features(fields)
    documents: list[Json] = []
    for part in find_parts(picture):
        values = extraction.extract_stored(part.picture, compared)
        if not values:  # nothing is drawn there
            continue
        key = part_id(image_id, part.kind, part.box.text)
        thumbnails.save(replace(part.picture, sha256=key))
        documents.append(
            {
                "source": PART,
                "part": part.kind,
                "box": part.box.text,
                "width": part.picture.width,
                "height": part.picture.height,
                **values,
            }
        )
    return documents


def save_part_thumbnails(picture: Picture, image_id: str, thumbnails: ThumbnailStore) -> None:
    """Save the pixels of the picture's parts, when their documents are stored already."""
    for part in find_parts(picture):
        key = part_id(image_id, part.kind, part.box.text)
        thumbnails.save(replace(part.picture, sha256=key))
