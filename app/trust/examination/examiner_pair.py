"""The two examiners of a trust team: of pictures against the products, and against the banks."""

from collections.abc import Mapping
from pathlib import Path

from app.trust.examination.examiner import Examiner
from app.trust.examination.verdict import VerdictModel
from features import extraction
from features.geometry.keypoint_store import KeypointStore
from features.geometry.non_match_cache import NonMatchCache
from features.registry import Registry
from mappings.engine.gateway import Gateway


def open_examiners(
    gateway: Gateway,
    indices: tuple[str, str],
    registry: Registry,
    keypoints: KeypointStore,
    non_matches: Path,
    weights: Mapping[str, float],
) -> tuple[Examiner, Examiner]:
    """Return the examiners for the index of products and that of banks, in this order.

    They share a model of verdicts, and `non_matches`, the file of pairs that do not match.
    """
    model, known = VerdictModel.load(), NonMatchCache(non_matches)
    names = extraction.candidate_features(weights, registry)
    products, banks = (
        Examiner(gateway, index, registry, keypoints, known, model, names) for index in indices
    )
    return products, banks
