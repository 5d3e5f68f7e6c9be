"""Load edits (attacks) from a Python file outside the project, and apply them to pictures.

The file defines `ATTACKS` (name → edit), `LOSSLESS` (names kept without loss), `load(path)`,
`sources(folder, limit, seed)` and `variant(picture, attack, source_id, seed)`.
"""

import importlib.util
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from PIL import Image

from core.errors import InvalidSetting

SEED = 7
QUALITY = 92
NEEDED = ("ATTACKS", "LOSSLESS", "load", "sources", "variant")


@dataclass(frozen=True)
class SourcePicture:
    """One original picture. `id` is unique over all folders and names its product."""

    id: str
    path: Path


def open_module(path: Path) -> ModuleType:
    """Return the module at a path. Raises InvalidSetting for a file that is no such module."""
    spec = importlib.util.spec_from_file_location("attacks", path)
    if spec is None or spec.loader is None:
        raise InvalidSetting(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if missing := [name for name in NEEDED if not hasattr(module, name)]:
        raise InvalidSetting(f"{path} lacks {', '.join(missing)}")
    return module


def list_sources(
    module: ModuleType, folders: Sequence[Path], limit: int | None
) -> list[SourcePicture]:
    """Return all pictures of the folders, or always the same `limit`: an equal share of each."""
    sources = []
    for number, folder in enumerate(folders):
        share = None
        if limit is not None:
            before, after = limit * number // len(folders), limit * (number + 1) // len(folders)
            share = max(1, after - before)
        sources += [
            SourcePicture(f"{number}/{key}", Path(path))
            for key, path in module.sources(folder, share, SEED)
        ]
    return sources


def attack_names(module: ModuleType, only: Collection[str] = ()) -> list[str]:
    """Return the chosen attacks' names, or all. Raises InvalidSetting for an unknown name."""
    if unknown := set(only) - set(module.ATTACKS):
        known = ", ".join(module.ATTACKS)
        raise InvalidSetting(f"no attack is called {', '.join(sorted(unknown))}; there are {known}")
    return [name for name in module.ATTACKS if not only or name in only]


def make_variants(
    module: ModuleType, source: SourcePicture, names: Collection[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield each attack's name and the edited picture as a file; the bytes are always the same."""
    original = module.load(source.path)
    for name in module.ATTACKS if names is None else names:
        edited: Image.Image = module.variant(original, name, source.id, SEED)
        file = io.BytesIO()
        if name in module.LOSSLESS:
            edited.save(file, "PNG")
        else:
            edited.save(file, "JPEG", quality=QUALITY)
        yield name, file.getvalue()
