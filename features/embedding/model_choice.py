"""Which embedding model is wanted, and where its converted form is kept. No TensorFlow here."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from core.environment import Environment
from features.errors import ModelUnavailable

DEFAULT = "efficientnet-lite0"
RECIPE = 2
"""Bumped when the conversion changes what a model puts out; 2 brought the activation's strength."""

FILE_SUFFIXES = frozenset({".keras", ".tflite"})
RANGES = {"0..255": (0.0, 255.0), "0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0)}


@dataclass(frozen=True)
class ModelChoice:
    """What the settings ask for.

    `model` is ``efficientnet-lite0``, a Keras Applications name, or a path to a SavedModel folder,
    a .keras or a .tflite file. `weights` is a file for a Keras Applications model, or '' for its
    own ImageNet weights. `side` is None for the model's own. `pixel_range` is what the user's own
    model takes its pixels as; the named models know theirs. `folder` keeps converted models.
    """

    model: str
    weights: str
    side: int | None
    pixel_range: str
    folder: Path

    @classmethod
    def from_env(cls, environment: Environment) -> "ModelChoice":
        """Read the settings."""
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
        """Return the path of the user's own model, or None for a model known by name.

        Raises ModelUnavailable when it does not exist.
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
        """Return the model's name, without where it lies on this machine."""
        own = self.own_file
        return own.name if own else self.model

    def converted_path(self) -> Path:
        """Return where the model is, or will be once it is converted.

        The name holds a hash of all that decides its output, the files' contents included, so a
        changed model is never mistaken for the old one.
        """
        own = self.own_file
        if own and own.suffix == ".tflite":
            return own
        decisive = (
            RECIPE,
            digest(own) if own else self.model,
            digest(Path(self.weights).expanduser()) if self.weights else "",
            self.side,
            self.pixel_range,
        )
        key = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:16]
        return self.folder / f"{Path(self.label).stem}-{key}.tflite"

    def is_ready(self) -> bool:
        """Say whether the model can be served without converting anything."""
        target = self.converted_path()
        return target == self.own_file or (target.exists() and facts_file(target).exists())


def facts_file(converted: Path) -> Path:
    """Return where the facts about a converted model are kept, beside it."""
    return converted.with_suffix(".json")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder with their names.

    Raises ModelUnavailable when it cannot be read.
    """
    try:
        if path.is_file():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        if not inside:
            raise FileNotFoundError(2, "no such file or folder", str(path))
        lines = [f"{file.relative_to(path).as_posix()} {digest(file)}" for file in inside]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read: {error.strerror}") from error
