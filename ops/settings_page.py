"""Writes docs/CONFIGURATION.md from the settings that modules declare."""

from collections.abc import Mapping, Sequence
from importlib import import_module

from core.setting import Setting

SECTIONS: Mapping[str, Sequence[str]] = {
    "Elasticsearch": ("mappings.engine.connection",),
    "Web server and search": (
        "app.settings",
        "core.server_log",
        "app.http.embedding",
        "app.search.settings",
        "app.search.synonym_file",
        "app.experiments.experiment_file",
        "mappings.search.weights",
        "mappings.search.exchange_rates",
    ),
    "Features and models": (
        "features.registry",
        "features.embedding.model_choice",
        "features.embedding.feature",
        "features.embedding.device",
        "features.clip.feature",
        "features.ocr.choice",
        "features.ocr.feature",
        "features.regions.finders",
    ),
    "Feature service": ("features.remote.settings", "features.service.settings"),
    "Loading feeds": (
        "features.fetching.settings",
        "indexer.settings",
        "indexer.cluster.settings",
        "mappings.catalogue.shop_fields",
    ),
    "Changes and their ledger": ("indexer.live.settings", "indexer.ledger.settings"),
    "Keeping in step": (
        "indexer.feeds.databases.watermark",
        "indexer.sync.settings",
        "indexer.loading.placeholders",
    ),
    "Shoppers' photos": ("app.shoppers.shopper_settings",),
    "Trust desk": (
        "app.trust.desk.settings",
        "app.trust.sweeping.case_thresholds",
        "app.trust.desk.case_policy",
    ),
    "Hash matching under `/hma/`": ("app.hma.settings",),
    "Folders": ("core.environment",),
    "Local node and `make run`": ("ops.index_load", "ops.node_config", "ops.distribution"),
    "Snapshots": ("ops.snapshots.command",),
    "Kibana": ("ops.kibana.load", "ops.compose"),
}
"""The sections of the page, and the modules whose `SETTINGS` they list."""

INTRODUCTION = """\
# Configuration

Settings are environment variables; an empty value counts as not set. `.env.example` lists those for
Docker. A secret may come from a file instead: name the file in the same variable with `_FILE` at
its end.

This page is generated from the declarations in the code: `python -m ops settings`.
"""


def declared_settings(modules: Sequence[str]) -> list[Setting]:
    """Return the settings that modules declare, in their order."""
    return [setting for module in modules for setting in import_module(module).SETTINGS]


def write_page() -> str:
    """Return the text of docs/CONFIGURATION.md."""
    return "\n".join([INTRODUCTION, *(_section(title, SECTIONS[title]) for title in SECTIONS)])


def _section(title: str, modules: Sequence[str]) -> str:
    rows = "".join(
        f"| `{setting.name}` | {setting.default or '–'} | {setting.meaning}"
        f"{' (secret)' if setting.secret else ''} |\n"
        for setting in declared_settings(modules)
    )
    return f"## {title}\n\n| variable | default | meaning |\n|---|---|---|\n{rows}"
