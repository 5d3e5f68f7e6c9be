"""The demo's flood is one picture in more listings than a case shows, each by another seller."""

from pathlib import Path

from app.trust.sweeping.case_thresholds import FLOOD
from indexer.demo import DemoFeed
from indexer.demo.flood import PICTURE, with_flood
from indexer.demo.shop_plan import plan_shop
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row


def test_flood_is_behind_the_shop_s_own_rows() -> None:
    shop = plan_shop(40)
    flooded = with_flood(shop)
    assert flooded.rows[:40] == shop.rows
    added = flooded.rows[40:]
    assert len(added) > FLOOD
    assert {row["image_link"] for row in added} == {PICTURE}
    assert len({row["seller_id"] for row in added}) == len(added)
    assert flooded.relistings == shop.relistings


def test_flooded_feed_draws_the_picture_once(tmp_path: Path) -> None:
    feed = DemoFeed(tmp_path, products=3, is_flooded=True)
    rows = [row for row in feed.rows() if isinstance(row, Row)]
    assert len(rows) == feed.count() == 3 + len(rows[3:])
    assert (tmp_path / PICTURE).stat().st_size > 5000
    assert all(isinstance(parse_product(row), Product) for row in rows)
