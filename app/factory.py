"""Assembles the application from its parts."""

from collections.abc import Iterable

from apiflask import APIFlask

from app import errors
from app.accounts import access
from app.api import (
    changes,
    duplicates,
    events,
    loading,
    look,
    probes,
    products,
    regions,
    search,
    shopper_photos,
    suggestions,
)
from app.changes import openapi as changes_openapi
from app.commands import banks as bank_commands
from app.commands import duplicates as duplicates_commands
from app.commands import events as event_commands
from app.commands import report as report_commands
from app.commands import reviewers
from app.contract import events_openapi, openapi
from app.contract.request_body import StrictRequest
from app.hma import access as hma_access
from app.hma import curation, exchanges, hashing, matching, status
from app.hma import openapi as hma_openapi
from app.hma.settings import HmaSettings
from app.http import (
    access_log,
    compression,
    embedding,
    security_headers,
    static_files,
    visitor,
)
from app.pages import (
    documentation,
    failure,
    favourites,
    looks,
    photos,
    product,
    sign_in,
    storefront,
)
from app.pages import embedding as embedding_pages
from app.pages.reports import experiments as reports
from app.pages.reports import label
from app.pages.trust import (
    accounts,
    banks,
    case_list,
    cases,
    invitations,
    log,
    pictures,
    policy,
    queues,
    seller_history,
)
from app.service_selector import ModelServiceSelector
from app.services import EXTENSION_KEY, Services, current_services
from mappings.search.filters import facet_fields, filter_fields

MAX_UPLOAD_BYTES = 40 * 1024 * 1024
"""Limit on one request; a handful of pictures at the decoder's own limit would exceed it."""


def create_app(services: Services, hma: HmaSettings | None = None) -> APIFlask:
    """Return the application around its services.

    Without `hma`, the hash-matching interface is open for reading and changes nothing.
    """
    app = APIFlask("app", title="lookalike", version="1", docs_path=None, json_errors=False)
    app.request_class = StrictRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = 1024 * 1024
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions[EXTENSION_KEY] = ModelServiceSelector(services)
    errors.install(app, failure.render_failure)
    static_files.install(app)
    security_headers.install(app, services.settings.embed_origins)
    embedding.install(app, services.settings.embed_origins)
    if services.settings.access_log:
        access_log.install(app)
    compression.install(app)
    access.install(app, services.settings.state_dir, services.settings.session_key)
    visitor.install(app, enabled=services.settings.shop_events)
    hma_access.install(app, hma or HmaSettings())
    api = (
        search,
        suggestions,
        regions,
        look,
        duplicates,
        products,
        loading,
        shopper_photos,
        probes,
        events,
    )
    shop = (storefront, looks, product, favourites, photos)
    for part in (*api, changes, *shop, embedding_pages, documentation, sign_in):
        app.register_blueprint(part.blueprint)
    for part in (hashing, matching, curation, exchanges, status):
        app.register_blueprint(part.blueprint)
    desk_pages = (queues, cases, case_list, seller_history, pictures, log, banks)
    for desk in (*desk_pages, accounts, invitations, policy, label, reports):
        app.register_blueprint(desk.blueprint)
    for commands in (reviewers, bank_commands, event_commands):
        app.cli.add_command(commands.group)
    app.cli.add_command(duplicates_commands.group)
    for command in (report_commands.report, report_commands.plan):
        app.cli.add_command(command)
    openapi.install(
        app,
        names_of_fields,
        [hma_openapi.complete, changes_openapi.complete, events_openapi.complete],
    )
    return app


def names_of_fields() -> dict[str, Iterable[str]]:
    """Return parameter → the fields it takes, a shop's own among them."""
    services = current_services()
    registry, fields = services.registry, services.catalogue.fields
    return {"filter": filter_fields(registry, fields), "facets": facet_fields(registry, fields)}
