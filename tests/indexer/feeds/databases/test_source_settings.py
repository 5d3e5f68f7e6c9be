"""What to read is said in the address or in a TOML file, and no secret of it is ever shown."""

from pathlib import Path

import pytest

from core.environment import Environment
from indexer.errors import FeedUnreadable
from indexer.feeds.databases.source_settings import read_settings
from indexer.feeds.source import Source, locate

NOTHING = Environment({})


def test_options_of_ours_leave_the_address() -> None:
    address = "postgresql://u:p@h:5433/shop?sslmode=require&table=goods&watermark=changed&id=sku"
    settings = read_settings(Source(address), NOTHING)
    assert settings.address == "postgresql://u:p@h:5433/shop?sslmode=require"
    assert (settings.table, settings.watermark, settings.id) == ("goods", "changed", "sku")


def test_query_may_hold_anything_an_address_can_quote() -> None:
    address = "mariadb://h/shop?query=SELECT%20*%20FROM%20a%20WHERE%20b%3D%27x%26y%27"
    assert read_settings(Source(address), NOTHING).query == "SELECT * FROM a WHERE b='x&y'"


@pytest.mark.parametrize(
    "address", ["sqlite:///shop.db", "sqlite:////var/shop.db", "mongodb://h/shop"]
)
def test_address_without_options_stays_as_it_is(address: str) -> None:
    assert read_settings(Source(address), NOTHING).address == address


def test_address_is_not_part_of_what_is_logged() -> None:
    assert "hunter2" not in repr(read_settings(Source("mysql://u:hunter2@h/shop"), NOTHING))
    assert "hunter2" not in repr(Source("mysql://u:hunter2@h/shop"))


def test_messages_of_drivers_lose_user_and_password() -> None:
    settings = read_settings(Source("mysql://anna:hunter%2F2@h/shop"), NOTHING)
    assert settings.without_secrets("anna with hunter/2 or hunter%2F2") == "*** with *** or ***"


def test_file_names_a_database_and_its_password_comes_from_elsewhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a/b@c\n")
    path = tmp_path / "shop.toml"
    path.write_text(
        '[source]\naddress = "postgresql://reader:${SHOP_PASSWORD}@h/shop"\n'
        'query = """SELECT id\nFROM goods"""\nwatermark = "changed"\n'
    )
    environment = Environment({"SHOP_PASSWORD_FILE": str(secret)})
    settings = read_settings(locate(path), environment)
    assert settings.address == "postgresql://reader:a%2Fb%40c@h/shop"
    assert (settings.query, settings.watermark) == ("SELECT id\nFROM goods", "changed")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('address = "mysql://${NOT_SET}@h/shop"', "NOT_SET"),
        ('address = "mysql://h/shop"\nwatermarks = "x"', "watermarks"),
        ('address = "mysql://h/shop"\nid = 3', "text in quotes"),
    ],
)
def test_file_that_cannot_be_meant_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(f"[source]\n{text}\n")
    with pytest.raises(FeedUnreadable, match=message):
        read_settings(locate(path), NOTHING)
