"""An index for each dashboard, with documents as the application writes them."""

from collections.abc import Callable, Iterator, Mapping
from uuid import uuid4

import pytest

from features.base import Json
from features.registry import Registry
from mappings.catalogue.products import index_mapping, index_settings
from mappings.engine.gateway import Gateway
from mappings.events import decision_events, event_documents
from mappings.events.ubi_mapping import EVENTS_DATASET, index_templates
from ops.kibana.dashboards import dashboards
from tests.ops.kibana import documents
from tests.support.engine import Engine

RowsOf = Callable[[str], list[Json]]


@pytest.fixture(scope="module")
def gateway(engine: Engine) -> Iterator[Gateway]:
    made = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    yield made
    made.close()


@pytest.fixture(scope="module")
def indices(gateway: Gateway) -> Iterator[Mapping[str, str]]:
    """Give the index of each dashboard by its key.

    Plain indices with the streams' fields: the local node has no API to delete a stream.
    """
    unreplicated = {"index.number_of_replicas": 0}
    made = {
        "search-health": (
            event_documents.index_template()["template"]["mappings"],
            unreplicated,
            documents.search_events(),
        ),
        "duplicates": (
            decision_events.index_template()["template"]["mappings"],
            unreplicated,
            documents.decisions(),
        ),
        "shoppers": (events_mapping(), unreplicated, documents.shop_events()),
        "event-quality": (events_mapping(), unreplicated, documents.shop_events()),
        "catalogue": (index_mapping(Registry([])), index_settings(1), documents.products()),
    }
    names = {key: f"lookalike-{key}-{uuid4().hex}" for key in made}
    for key, (mapping, settings, rows) in made.items():
        gateway.create_index(names[key], mapping, settings)
        assert gateway.bulk_create(names[key], list(rows), stream=False) == {}
        gateway.refresh(names[key])
    yield names
    for name in names.values():
        gateway.delete_index(name)


def events_mapping() -> Json:
    return index_templates({})[f"logs-{EVENTS_DATASET}"]["template"]["mappings"]


@pytest.fixture(scope="module")
def rows_of(gateway: Gateway, indices: Mapping[str, str]) -> RowsOf:
    """Give a function that runs a panel's request, word for word: what Vega-Lite would draw."""

    def rows(key: str) -> list[Json]:
        ((dashboard, panel),) = [
            (dashboard.key, panel)
            for dashboard in dashboards()
            for panel in dashboard.panels
            if panel.key == key
        ]
        answer = gateway._client.search(index=indices[dashboard], body=panel.body).body
        for step in panel.rows.split("."):
            answer = answer[step]
        return list(answer)

    return rows
