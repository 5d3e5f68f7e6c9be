"""List the copy detectors, and build them."""

from collections.abc import Callable, Mapping

from bench.peers.copies.detectors import hashes
from bench.peers.copies.detectors.detector import CopyDetector
from bench.peers.copies.detectors.embedding import EmbeddingDetector
from bench.peers.copies.detectors.image_match import ImageMatchDetector
from bench.peers.copies.detectors.lookalike import LookalikeDetector
from bench.peers.copies.detectors.perception import PerceptionDetector
from bench.report import log_progress
from core.environment import Environment
from core.errors import LookalikeError, UnknownName

DETECTORS: Mapping[str, Callable[[Environment], CopyDetector]] = {
    "pdq": lambda _: hashes.pdq(),
    "phash": lambda _: hashes.phash(),
    "dhash": lambda _: hashes.dhash(),
    "whash": lambda _: hashes.whash(),
    "image-match": lambda _: ImageMatchDetector(),
    "perception": lambda _: PerceptionDetector(),
    "embedding": EmbeddingDetector,
    "ours": LookalikeDetector,
}
"""Name → factory of the detector; building one may take a second (a model)."""


def build(names: tuple[str, ...], environment: Environment) -> list[CopyDetector]:
    """Build the named detectors. Raises UnknownName, or the error of one that is unavailable.

    Without names, build all that are available and log the others.
    """
    if names:
        return [_maker(name)(environment) for name in names]
    built = []
    for name, make in DETECTORS.items():
        try:
            built.append(make(environment))
        except LookalikeError as error:
            log_progress(f"{name} takes no part: {error}")
    return built


def _maker(name: str) -> Callable[[Environment], CopyDetector]:
    if name not in DETECTORS:
        raise UnknownName("copy detector", name, tuple(DETECTORS))
    return DETECTORS[name]
