"""Adds fields of the register to an index that was made without them."""

from mappings.catalogue import held_features, products
from mappings.catalogue.fields import ProductFields
from mappings.engine.gateway import Gateway


def add_missing_fields(gateway: Gateway, alias: str, fields: ProductFields) -> None:
    """Add the fields that the index lacks, what words are searched in, and what is made of them.

    Raises IndexMissing, and InvalidSetting when the index holds a field of another kind.
    """
    (meta, *_) = gateway.index_meta(alias).values()
    added = held_features.fields_to_add(meta, fields)
    mapped = gateway.properties(alias)
    properties = {
        name: entry.mapping()
        for name, entry in fields.items()
        if name in added or ("fields" in entry.mapping() and "fields" not in mapped[name])
    }
    made = products.made_properties()
    properties |= {name: made[name] for name in made if name not in mapped}
    if properties:
        block = meta["lookalike"]
        kinds = {**block.get("fields", {}), **fields.kinds()}
        changed = {**meta, "lookalike": {**block, "fields": kinds}}
        gateway.put_mapping(alias, changed, properties)
