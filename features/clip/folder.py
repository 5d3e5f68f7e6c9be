"""The files of a dual encoder, in the two layouts that ONNX exports are published in.

Transformers' (`vision_model.onnx`, `text_model.onnx`, often in `onnx/`) and OpenCLIP's
(`visual.onnx`, `textual.onnx`, or `visual/model.onnx`, `textual/model.onnx`).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features.base import Json
from features.errors import ModelUnavailable

SETTING = "LOOKALIKE_CLIP_MODEL"

PICTURES = ("onnx/vision_model.onnx", "vision_model.onnx", "visual/model.onnx", "visual.onnx")
WORDS = ("onnx/text_model.onnx", "text_model.onnx", "textual/model.onnx", "textual.onnx")
TOKENIZER = ("tokenizer.json", "textual/tokenizer.json")
TOKENS = ("tokenizer_config.json", "textual/tokenizer_config.json")
TRANSFORMERS = "preprocessor_config.json"
OPEN_CLIP = "preprocess_cfg.json"
PREPARATION = (TRANSFORMERS, OPEN_CLIP, f"visual/{OPEN_CLIP}")

BLOCK = 2**20


@dataclass(frozen=True)
class ModelFolder:
    """Where each part of the model lies; `tokens` (how words are cut and padded) may be absent."""

    pictures: Path
    words: Path
    tokenizer: Path
    preparation: Path
    tokens: Path | None

    @classmethod
    def locate(cls, path: Path) -> "ModelFolder":
        """Return the parts found in a folder. Raises ModelUnavailable naming what is missing."""
        if not path.is_dir():
            raise ModelUnavailable(f"{SETTING}={path}: there is no such folder")
        return cls(
            pictures=_require(path, "encoder of pictures", PICTURES),
            words=_require(path, "encoder of words", WORDS),
            tokenizer=_require(path, "tokenizer", TOKENIZER),
            preparation=_require(path, "description of how pictures are prepared", PREPARATION),
            tokens=_first(path, TOKENS),
        )


def read_json(path: Path) -> Json:
    """Return the JSON object a file holds. Raises ModelUnavailable."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ModelUnavailable(f"{path} holds no JSON object")
    return found


def digest(path: Path) -> str:
    """Return the SHA-256 of a model file and of the files its weights lie in.

    ONNX keeps weights over 2 GB, and often smaller ones, beside the model under its own name with
    something added (`model.onnx.data`, `model.onnx_data`). Raises ModelUnavailable.
    """
    whole = hashlib.sha256()
    try:
        for part in sorted(path.parent.iterdir()):
            if part.name.startswith(path.name):
                with part.open("rb") as file:
                    while block := file.read(BLOCK):
                        whole.update(block)
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read: {error.strerror}") from error
    return whole.hexdigest()


def _require(folder: Path, what: str, names: Sequence[str]) -> Path:
    found = _first(folder, names)
    if found is None:
        raise ModelUnavailable(
            f"{SETTING}={folder} holds no {what}: one of {', '.join(names)} is needed"
        )
    return found


def _first(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)
