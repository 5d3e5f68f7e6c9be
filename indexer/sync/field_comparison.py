"""Which fields of a stored product differ from what its source says."""

from collections.abc import Mapping

from features.base import Json
from indexer.ledger.content_hash import EXTRA_FIELDS
from mappings.catalogue.products import PICTURES

NOT_COMPARED = frozenset({*EXTRA_FIELDS, PICTURES})


def changed_fields(product: Mapping[str, Json], stored: Mapping[str, Json]) -> dict[str, Json]:
    """Return what must be set for a stored product to have these fields; None removes a field."""
    lost = {
        name: None
        for name, value in stored.items()
        if name not in product and name not in NOT_COMPARED and value is not None
    }
    return lost | changed_values(product, stored)


def changed_values(values: Mapping[str, Json], stored: Mapping[str, Json]) -> dict[str, Json]:
    """Return those of some fields' values that a stored product does not have."""
    return {
        name: value
        for name, value in values.items()
        if name not in NOT_COMPARED and stored.get(name) != value
    }
