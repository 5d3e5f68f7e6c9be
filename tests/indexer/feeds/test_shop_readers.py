"""The readers of shop systems keep the contract."""

from pathlib import Path

import pytest

from indexer.feeds.conformance import FileReaderConformance
from indexer.feeds.json_document import JsonDocumentReader
from indexer.feeds.magento import MagentoReader
from indexer.feeds.merchant_table import MerchantTableReader
from indexer.feeds.merchant_xml import MerchantXmlReader
from indexer.feeds.reader import Reader
from indexer.feeds.shopify import ShopifyReader
from indexer.feeds.structured_data import StructuredDataReader
from indexer.feeds.woocommerce import WooCommerceReader
from tests.indexer.feeds.exports import EXPORTS


class TestMerchantTable(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return MerchantTableReader()

    @pytest.fixture
    def sample(self) -> Path:
        return EXPORTS / "merchant.tsv"


class TestMerchantXml(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return MerchantXmlReader()

    @pytest.fixture(params=["merchant_rss.xml", "merchant_atom.xml"])
    def sample(self, request: pytest.FixtureRequest) -> Path:
        return EXPORTS / str(request.param)


class TestShopify(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return ShopifyReader()

    @pytest.fixture(params=["shopify.csv", "shopify_before_2024.csv"])
    def sample(self, request: pytest.FixtureRequest) -> Path:
        return EXPORTS / str(request.param)


class TestWooCommerce(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return WooCommerceReader()

    @pytest.fixture
    def sample(self) -> Path:
        return EXPORTS / "woocommerce.csv"


class TestMagento(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return MagentoReader()

    @pytest.fixture
    def sample(self) -> Path:
        return EXPORTS / "magento.csv"


class TestStructuredData(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return StructuredDataReader()

    @pytest.fixture(params=["schema_org.json", "product_page.html"])
    def sample(self, request: pytest.FixtureRequest) -> Path:
        return EXPORTS / str(request.param)


class TestJsonDocument(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return JsonDocumentReader()

    @pytest.fixture
    def sample(self) -> Path:
        return EXPORTS / "products.json"
