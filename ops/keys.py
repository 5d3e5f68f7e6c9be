"""API keys with the least rights, one per role, made over the REST API and stored."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from core.errors import EngineRefused
from features.base import Json
from ops.credentials import read_secret, save_secret
from ops.server import Server

SEARCH_LOG = "logs-lookalike.search-*"
SHOP_EVENTS = "logs-lookalike.ubi_*"
DECISIONS = "logs-lookalike.decisions-*"

WRITE_ACTIONS = ("indices:data/write/index*", "indices:data/write/bulk*")
"""Actions by which a document is written; the privilege `index` may change mappings as well."""

CHANGE_ACTIONS = ("indices:data/write/update*", "indices:data/write/delete*")
"""Actions by which a document is changed in part, or deleted."""

MAKE_ACTIONS = ("indices:admin/create", "indices:admin/aliases", "indices:admin/mapping/put")
"""Actions by which an index is made behind its alias, and gets further fields."""


@dataclass(frozen=True)
class ApiKeys:
    """The encoded API keys, as `Authorization: ApiKey` takes them."""

    search: str = field(repr=False)
    indexer: str = field(repr=False)
    events: str = field(repr=False)
    desk: str = field(repr=False)
    shoppers: str = field(repr=False)
    writer: str = field(repr=False)


def role_rights(index: str, desk: str) -> dict[str, Json]:
    """Return what each role may do: `index` begins the products' index names, `desk` the desk's."""
    products = f"{index}*"
    return {
        "search": {
            "cluster": ["monitor"],
            "indices": [{"names": [products], "privileges": ["read", "view_index_metadata"]}],
        },
        "indexer": {
            "cluster": ["monitor", "manage_index_templates"],
            "indices": [
                {"names": [products], "privileges": ["all"]},
                {
                    "names": [SEARCH_LOG, SHOP_EVENTS],
                    "privileges": ["create_index", "view_index_metadata", "monitor"],
                },
            ],
        },
        "events": {
            "cluster": [],
            # Read for popular queries, related products, and the queries that events name.
            "indices": [
                {
                    "names": [SEARCH_LOG, SHOP_EVENTS],
                    "privileges": ["create_doc", "auto_configure", "read"],
                }
            ],
        },
        "desk": {
            "cluster": ["monitor"],
            "indices": [
                {"names": [products], "privileges": ["read", "view_index_metadata"]},
                {"names": [f"{desk}-*"], "privileges": ["all"]},
                {"names": [DECISIONS], "privileges": ["create_doc", "auto_configure"]},
            ],
        },
        # Writes products, and can neither delete one nor change a mapping or an alias.
        "shoppers": {
            "cluster": [],
            "indices": [
                {
                    "names": [products],
                    # A photo is stored with the features that the index's `_meta` names.
                    "privileges": ["read", "view_index_metadata", "maintenance", *WRITE_ACTIONS],
                },
            ],
        },
        # The same, deletes single products, and makes the index of a new shop; for changes over
        # HTTP.
        "writer": {
            "cluster": [],
            "indices": [
                {
                    "names": [products],
                    "privileges": [
                        "read",
                        "view_index_metadata",
                        "maintenance",
                        *WRITE_ACTIONS,
                        *CHANGE_ACTIONS,
                        *MAKE_ACTIONS,
                    ],
                },
            ],
        },
    }


def ensure(server: Server, index: str, desk: str, path: Path) -> ApiKeys:
    """Return working keys, from `path` where they still work, else new ones saved there.

    Raises EngineRefused when the server's user may not make API keys.
    """
    rights_by_role = role_rights(index, desk)
    stored = _stored_keys(path, rights_by_role)
    if stored and all(_works(server, key) for key in asdict(stored).values()):
        return stored
    keys = ApiKeys(
        **{role: create(server, role, rights) for role, rights in rights_by_role.items()}
    )
    save_secret(path, json.dumps({"roles": rights_by_role, "keys": asdict(keys)}))
    return keys


def create(server: Server, role: str, rights: Json) -> str:
    """Make one API key and return it encoded."""
    body = {"name": f"lookalike-{role}", "role_descriptors": {role: rights}}
    # Waiting for the next refresh, the default, would take a second a key.
    answer = server.request("POST", "/_security/api_key?refresh=true", body)
    if answer.status != 200:
        raise EngineRefused(f"the {role} key could not be made: {answer.reason}")
    return str(answer.body["encoded"])


def _stored_keys(path: Path, rights_by_role: dict[str, Json]) -> ApiKeys | None:
    try:
        saved = json.loads(read_secret(path) or "{}")
        if saved.get("roles") == rights_by_role:
            return ApiKeys(**{part.name: saved["keys"][part.name] for part in fields(ApiKeys)})
    except (ValueError, KeyError):
        return None
    return None


def _works(server: Server, key: str) -> bool:
    answer = Server(server.url, api_key=key).request("GET", "/_security/_authenticate")
    return answer.status == 200
