"""An embedding in a space that pictures and text share.

Off unless LOOKALIKE_CLIP_MODEL names a folder with a dual encoder; ONNX Runtime and the
tokenizers are imported only then.
"""

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.environment import Environment
from core.setting import Setting
from features import rotation
from features.base import Json, Picture
from features.clip import input_preparation
from features.clip.encoders import PictureEncoder, TextEncoder
from features.clip.folder import SETTING, ModelFolder, digest
from features.clip.onnx_model import OnnxModel, Vector, unit_vector
from features.errors import ModelUnavailable
from features.vector import (
    DEFAULT_INDEX_TYPE,
    INDEX_TYPES,
    VectorFeature,
    dense_vector_mapping,
)

SETTINGS = (
    Setting(
        "LOOKALIKE_CLIP_MODEL", "", "folder with a CLIP-like model; it turns the feature `clip` on"
    ),
    Setting("LOOKALIKE_CLIP_THREADS", "2", "threads that the CLIP-like model uses in each process"),
)


PROBE = "a picture"


class Clip(VectorFeature):
    """A unit vector for pictures and for text. Safe between threads and forks."""

    name = "clip"
    version = 1
    default_weight = 1.0
    proposes_candidates = False  # it says what is shown: look-alikes would crowd out copies
    is_lexical = False

    def __init__(
        self,
        pictures: PictureEncoder,
        words: TextEncoder,
        identity: dict[str, Json],
        index_type: str = DEFAULT_INDEX_TYPE,
    ) -> None:
        """Raises ModelUnavailable where the two encoders' vectors differ in length."""
        super().__init__()
        self._pictures = pictures
        self._words = words
        self._index_type = index_type
        self._dims = _shared_dims(pictures, words)
        self._identity = {**identity, "dims": self._dims, "rotation": rotation.IDENTITY}

    def mapping(self) -> Json:
        return dense_vector_mapping(self._dims, self._index_type)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return unit vectors; None where the model returns zeros or no finite numbers."""
        return [_rotated(self._pictures.encode(picture.pixels)) for picture in pictures]

    def query_from_text(self, text: str) -> Json | None:
        """Return the vector to search with; None for a text without a letter or digit."""
        if not any(character.isalnum() for character in text):
            return None
        return _rotated(self._words.encode(text))

    def identity(self) -> dict[str, Json]:
        return copy.deepcopy(self._identity)


def create(environment: Environment) -> Clip | None:
    """Load the model that LOOKALIKE_CLIP_MODEL names; None where it names none.

    Raises ModelUnavailable or InvalidSetting.
    """
    named = environment.text(SETTING)
    if not named:
        return None
    threads = environment.integer("LOOKALIKE_CLIP_THREADS", 2, 1, 64)
    index_type = environment.choice("LOOKALIKE_VECTOR_INDEX", DEFAULT_INDEX_TYPE, INDEX_TYPES)
    folder = ModelFolder.locate(Path(named).expanduser().absolute())
    prepared = input_preparation.load(folder.preparation)
    pictures = PictureEncoder(OnnxModel(folder.pictures, threads), prepared)
    words = TextEncoder(OnnxModel(folder.words, threads), folder.tokenizer, folder.tokens)
    # Not the name of the folder: its files decide what the vectors mean.
    identity = {
        "pictures_sha256": digest(folder.pictures),
        "words_sha256": digest(folder.words),
        "tokenizer_sha256": digest(folder.tokenizer),
        "preprocessing": prepared.identity(),
        "tokens": words.identity(),
    }
    return Clip(pictures, words, identity, index_type)


def _rotated(vector: Vector) -> list[float] | None:
    return unit_vector(rotation.rotate(vector[np.newaxis])[0])


def _shared_dims(pictures: PictureEncoder, words: TextEncoder) -> int:
    """Return the length of the vectors, from one of each: this also shows that both run."""
    of_pictures, of_words = pictures.encode_blank().size, words.encode(PROBE).size
    if of_pictures != of_words:
        raise ModelUnavailable(
            f"{SETTING}: the encoder of pictures gives {of_pictures} numbers and that of words "
            f"{of_words}, so they share no space; take both from one export, with their projections"
        )
    return of_pictures
