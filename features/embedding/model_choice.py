"""The embedding model chosen in the settings, and where its converted form is stored."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from core.environment import Environment
from core.setting import Setting
from features.errors import ModelUnavailable

SETTINGS = (
    Setting(
        "LOOKALIKE_EMBEDDING_MODEL",
        "`efficientnet-lite0`",
        "that, a Keras Applications name, or a path to a SavedModel, `.keras` or `.tflite`",
    ),
    Setting(
        "LOOKALIKE_EMBEDDING_WEIGHTS",
        "ImageNet's, downloaded by Keras",
        "weights file for a Keras Applications model",
    ),
    Setting("LOOKALIKE_EMBEDDING_SIDE", "0", "input side in pixels; 0 is the model's own"),
    Setting(
        "LOOKALIKE_EMBEDDING_PIXEL_RANGE",
        "`0..255`",
        "pixel range that a model of your own expects; also `0..1` and `-1..1`",
    ),
)


DEFAULT = "efficientnet-lite0"
RECIPE = 2
"""Raised whenever the conversion changes a model's outputs; 2 added the strength of cells."""

FILE_SUFFIXES = frozenset({".keras", ".tflite"})
RANGES = {"0..255": (0.0, 255.0), "0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0)}


@dataclass(frozen=True)
class ModelChoice:
    """The model in the settings.

    `model` is ``efficientnet-lite0``, a Keras Applications name, or a path to a SavedModel folder,
    a .keras or a .tflite file. `weights` is a file for a Keras Applications model, or '' for its
    ImageNet weights. `side` is in pixels, None for the model's own. `pixel_range` is the range of
    pixels that a model from a file expects; models known by name have theirs. `folder` holds
    converted models.
    """

    model: str
    weights: str
    side: int | None
    pixel_range: str
    folder: Path

    @classmethod
    def from_env(cls, environment: Environment) -> "ModelChoice":
        """Read the settings. Raises InvalidSetting."""
        return cls(
            model=environment.text("LOOKALIKE_EMBEDDING_MODEL", DEFAULT),
            weights=environment.text("LOOKALIKE_EMBEDDING_WEIGHTS"),
            side=environment.integer("LOOKALIKE_EMBEDDING_SIDE", 0, high=2048) or None,
            pixel_range=environment.choice(
                "LOOKALIKE_EMBEDDING_PIXEL_RANGE", "0..255", tuple(RANGES)
            ),
            folder=environment.cache_dir() / "models",
        )

    @property
    def own_file(self) -> Path | None:
        """The path of the user's own model, or None for a model known by name.

        Raises ModelUnavailable if it does not exist.
        """
        path = Path(self.model).expanduser()
        if "/" not in self.model and path.suffix not in FILE_SUFFIXES and not path.exists():
            return None
        if not path.exists():
            raise ModelUnavailable(
                f"LOOKALIKE_EMBEDDING_MODEL={self.model}: there is no such file or folder"
            )
        return path.absolute()

    @property
    def label(self) -> str:
        """The model's name, or its file's name without the folder."""
        own = self.own_file
        return own.name if own else self.model

    def converted_path(self) -> Path:
        """Return the path at which the converted model is or will be.

        The name contains a hash of everything that affects the output, file contents included, so
        that a changed model is never mistaken for the old one.
        """
        own = self.own_file
        if own and own.suffix == ".tflite":
            return own
        key_parts = (
            RECIPE,
            digest(own) if own else self.model,
            digest(Path(self.weights).expanduser()) if self.weights else "",
            self.side,
            self.pixel_range,
        )
        key = hashlib.sha256(json.dumps(key_parts).encode()).hexdigest()[:16]
        return self.folder / f"{Path(self.label).stem}-{key}.tflite"

    def is_ready(self) -> bool:
        """Tell whether the model can be served without a conversion."""
        target = self.converted_path()
        return target == self.own_file or (target.exists() and facts_file(target).exists())


def facts_file(converted: Path) -> Path:
    """Return the path of the facts about a converted model, beside it."""
    return converted.with_suffix(".json")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files in a folder with their names.

    Raises ModelUnavailable if it cannot be read.
    """
    try:
        if path.is_file():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        contents = sorted(file for file in path.rglob("*") if file.is_file())
        if not contents:
            raise FileNotFoundError(2, "no such file or folder", str(path))
        lines = [f"{file.relative_to(path).as_posix()} {digest(file)}" for file in contents]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read: {error.strerror}") from error
