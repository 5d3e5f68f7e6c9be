"""Every shop system's export loads by its address alone, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.environment import Environment
from features import registry
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect

EXPORTS = Path(__file__).parents[1] / "exports"

FORMATS = {
    "merchant.tsv": ("merchant_table", 3), "merchant_rss.xml": ("merchant_xml", 2),
    "merchant_atom.xml": ("merchant_xml", 2), "shopify.csv": ("shopify", 5),
    "shopify_before_2024.csv": ("shopify", 3), "woocommerce.csv": ("woocommerce", 5),
    "magento.csv": ("magento", 5), "schema_org.json": ("jsonld", 3),
    "product_page.html": ("jsonld", 2), "products.json": ("json", 2),
    "products.jsonl": ("jsonlines", 2), "table_shift_jis.csv": ("delimited", 2),
    "table_windows_1252.csv": ("delimited", 3),
}  # fmt: skip
"""Export → the reader that must be found, and how many products there are."""


@pytest.mark.parametrize("name", FORMATS)
def test_export_loads_without_an_option(
    environment: Environment, tmp_path: Path, name: str
) -> None:
    reader, products = FORMATS[name]
    settings = Environment({**environment.values, "LOOKALIKE_FEATURES": "checksum,pdq"})
    done = subprocess.run(
        [sys.executable, "-m", "indexer", "load", str(EXPORTS / name)],
        cwd=tmp_path,
        env=dict(settings.values),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"read as {reader}: " in done.stderr
    assert done.stdout.startswith(f"{products} products, ")
    engine = EngineSettings.from_env(settings)
    catalogue = Catalogue(connect(engine), registry.load(settings), engine.index)
    assert catalogue.summary()["products"] == products
