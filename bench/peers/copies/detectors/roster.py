"""Who takes part."""

from collections.abc import Callable, Mapping

from bench.peers.copies.detectors import hashes
from bench.peers.copies.detectors.detector import Contestant
from bench.peers.copies.detectors.embedding import Embedded
from bench.peers.copies.detectors.image_match import Signature
from bench.peers.copies.detectors.lookalike import Ours
from bench.peers.copies.detectors.perception import LocalDescriptors
from bench.report import say
from core.environment import Environment
from core.errors import LookalikeError, UnknownName

ROSTER: Mapping[str, Callable[[Environment], Contestant]] = {
    "pdq": lambda _: hashes.pdq(),
    "phash": lambda _: hashes.phash(),
    "dhash": lambda _: hashes.dhash(),
    "whash": lambda _: hashes.whash(),
    "image-match": lambda _: Signature(),
    "perception": lambda _: LocalDescriptors(),
    "embedding": Embedded,
    "ours": Ours,
}
"""Name → what builds the contestant; building one may take a second (a model)."""


def build(names: tuple[str, ...], environment: Environment) -> list[Contestant]:
    """Return the contestants of these names; raises UnknownName, or why one cannot take part.

    When none is named, all that can: who cannot is told on standard error, with the remedy.
    """
    if names:
        return [_maker(name)(environment) for name in names]
    built = []
    for name, make in ROSTER.items():
        try:
            built.append(make(environment))
        except LookalikeError as error:
            say(f"{name} takes no part: {error}")
    return built


def _maker(name: str) -> Callable[[Environment], Contestant]:
    if name not in ROSTER:
        raise UnknownName("contestant", name, tuple(ROSTER))
    return ROSTER[name]
