"""Feeds with faults are made by rule, and what is wrong about their reading is seen."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.__main__ import main
from bench.feeds.feed_faults import FeedFault, faults
from bench.feeds.feeds import FeedTally, judge
from bench.feeds.made_feed import FORMATS, plan_feeds, write_feed


def test_every_format_has_forty_faults_and_no_two_are_one() -> None:
    planned = list(plan_feeds())
    assert len(FORMATS) == 12
    for feed_format in FORMATS:
        names = [fault.name for held, fault in planned if held is feed_format]
        assert len(names) == len(set(names)) >= 40, feed_format.name


def test_few_feeds_of_every_format_are_read_right() -> None:
    done = CliRunner().invoke(main, ["feeds", "--each", "5", "--seed", "7"])
    figures = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert done.exit_code == 0, done.stderr
    assert figures["feeds.good_rows_right"]["figure"] == 1
    assert figures["feeds.good_rows_right"]["sizes"]["feeds"] == 60
    assert figures["feeds.bad_rows_named"]["figure"] == 1
    assert figures["feeds.wrong_prices"]["figure"] == 0
    assert figures["feeds.files_lost"]["figure"] == 0


def fault(name: str) -> FeedFault:
    return next(each for each in faults() if each.name == name)


def test_equal_seeds_make_equal_files(tmp_path: Path) -> None:
    made = [
        write_feed(FORMATS[0], fault("on sale"), seed, tmp_path).path.read_bytes()
        for seed in (1, 1, 2)
    ]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": "another"}, "title"),
        ({"price": 1.0}, "price"),
    ],
)
def test_wrong_field_and_wrong_price_are_seen(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    feed = write_feed(FORMATS[0], fault("as documented"), 1, tmp_path)
    feed.products[0].right.update(change)
    tally = FeedTally()
    judge(feed, tally)
    assert (tally.good - tally.right, tally.wrong_prices) == (1, int(said == "price"))
    assert said in tally.faults[0]


def test_lost_file_and_unnamed_row_are_seen(tmp_path: Path) -> None:
    feed = write_feed(FORMATS[0], fault("as documented"), 1, tmp_path)
    feed.products[1].bad = True
    tally = FeedTally()
    judge(feed, tally)
    assert (tally.bad, tally.named) == (1, 0)
    feed.path.write_text("nothing\n")
    judge(feed, tally)
    assert tally.lost_files == 1
