"""Makes a feature ask the feature service for what it would see in pictures.

All else stays: its mapping, its clause, how it compares values. The feature is built here as well,
because only so can both sides be known to have the same version of it.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from core.errors import InvalidSetting
from features.base import Feature, Json, Picture
from features.capabilities import Deferred, Identified
from features.fingerprint import fingerprint
from features.remote.client import FeatureClient
from features.remote.messages import METHODS, ExtractionCall

PICTURE_METHODS = METHODS - {"extract_photo", "read_text"}


def is_computed_remotely(feature: Feature, names: Sequence[str]) -> bool:
    """Say whether the service computes a feature: one of `names`, or one with a model if ()."""
    return feature.name in names if names else isinstance(feature, Identified | Deferred)


def with_service(feature: Feature, client: FeatureClient) -> Feature:
    """Return the feature, with its values computed by the service; `feature` stays as it is.

    Raises InvalidSetting for a plug-in whose class cannot be derived from.
    """
    kind = type(feature)
    methods = {
        name: make(name)
        for name, make in _makers().items()
        if callable(getattr(kind, name, None))
    }  # fmt: skip
    remote = copy.copy(feature)
    try:
        # An instance keeps what its class says of it: protocols, `with_field`, pickling by copy.
        remote.__class__ = type(f"Remote{kind.__name__}", (kind,), methods)
        object.__setattr__(remote, "_feature_client", client)
        object.__setattr__(remote, "_fingerprint", fingerprint(feature))
    except (AttributeError, TypeError) as error:
        raise InvalidSetting(
            f"the feature {feature.name} cannot be computed by a service ({error}): leave it out "
            "of LOOKALIKE_FEATURE_REMOTE"
        ) from error
    return remote


def _makers() -> dict[str, Callable[[str], Callable[..., Any]]]:
    return {
        **dict.fromkeys(PICTURE_METHODS, _extract),
        "extract_photo": _extract_photo,
        "read_text": _read_text,
    }


def _extract(method: str) -> Callable[..., Any]:
    def ask(self: Any, pictures: Sequence[Picture]) -> list[Json | None]:
        return _call(self, method, pictures)

    return ask


def _extract_photo(method: str) -> Callable[..., Any]:
    def ask(self: Any, pictures: Sequence[Picture], *, accurate: bool = False) -> list[Json | None]:
        return _call(self, method, pictures, accurate=accurate)

    return ask


def _read_text(method: str) -> Callable[..., Any]:
    def ask(self: Any, picture: Picture) -> str:
        (text,) = _call(self, method, [picture])
        return str(text)

    return ask


def _call(
    feature: Any, method: str, pictures: Sequence[Picture], *, accurate: bool = False
) -> list[Json | None]:
    call = ExtractionCall(feature.name, feature._fingerprint, method, pictures, accurate)
    client: FeatureClient = feature._feature_client
    return client.extract(call) if pictures else []
