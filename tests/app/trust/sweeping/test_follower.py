"""Following the index: what is new is checked once, whatever clocks, restarts and outages do."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.trust.sweeping.follower import WINDOW, Follower
from core.errors import EngineUnavailable
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.support.sweeping import Silent, Works, image, product


@pytest.fixture
def works(gateway: Gateway, alias: str, tmp_path: Path) -> Works:
    return Works(gateway, alias, tmp_path)


def stamp(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat(timespec="milliseconds")


def test_first_look_sweeps_and_later_ones_check_what_is_new(works: Works) -> None:
    works.write(product("a", 0), product("b", 1))
    follow = works.follow()
    assert follow.check_new(works.told) == 2
    assert works.asked() == [("same_photo", "a", ["b"])]
    assert follow.check_new(works.told) == 0

    works.write(product("c", 2, added_at=stamp()), product("d", 50, added_at=stamp()))
    assert follow.check_new(works.told) == 2
    assert works.asked() == [("same_photo", "a", ["b", "c"])]
    assert works.arrows.examined == {image(d): 1 for d in (0, 1, 2, 50)}
    assert follow.check_new(works.told) == 0


def test_changed_picture_is_checked(works: Works) -> None:
    works.write(product("a", 0), product("b", 50))
    follow = works.follow()
    follow.check_new(works.told)
    works.write(product("b", 1, added_at=stamp()))
    assert follow.check_new(works.told) == 1
    assert works.asked() == [("same_photo", "a", ["b"])]


def test_newcomer_is_not_asked_about_beside_every_member_it_matches(works: Works) -> None:
    works.write(product("a", 2), product("b", 0), product("c", 4))
    follow = works.follow()
    follow.check_new(works.told)
    works.decide_all()
    works.write(product("d", 3, added_at=stamp()))
    follow.check_new(works.told)
    assert works.asked() == [("same_photo", "a", ["b", "c"]), ("same_photo", "a", ["d"])]


def test_picture_stamped_by_a_slow_clock_is_not_missed(works: Works) -> None:
    works.write(product("a", 0))
    follow = works.follow()
    follow.check_new(works.told)
    works.write(product("b", 50, added_at=stamp()))
    follow.check_new(works.told)
    works.write(product("c", 1, added_at=stamp(seconds=WINDOW.total_seconds() - 30)))
    assert follow.check_new(works.told) == 1


def test_clock_that_runs_ahead_hides_nobody_else_s_pictures(works: Works) -> None:
    works.write(product("a", 0))
    follow = works.follow()
    follow.check_new(works.told)
    works.write(product("b", 50, added_at=stamp(hours=-5)))
    assert follow.check_new(works.told) == 1
    assert follow.check_new(works.told) == 0
    works.write(product("c", 1, added_at=stamp()))
    assert follow.check_new(works.told) == 1


def test_restarted_follower_goes_on_and_doubles_nothing(works: Works) -> None:
    works.write(product("a", 0))
    works.follow().check_new(works.told)
    works.write(product("b", 1, added_at=stamp()))
    works.follow().check_new(works.told)
    before = works.cases()
    works.write(product("c", 50, added_at=stamp()))
    # The window is looked at once more: b was new in it.
    assert works.follow().check_new(works.told) == 2
    assert works.cases() == before


def test_rebuilt_index_is_swept_before_it_is_followed(works: Works) -> None:
    works.write(product("a", 0))
    follow = works.follow()
    follow.check_new(works.told)
    works.catalogue.begin_rebuild()
    works.write(product("a", 0), product("b", 1))
    works.catalogue.promote()
    assert follow.check_new(works.told) == 2
    assert works.asked() == [("same_photo", "a", ["b"])]


def test_index_swept_already_is_followed_from_there(works: Works) -> None:
    works.write(product("a", 0), product("b", 50))
    works.sweep().run(works.told)
    works.arrows.examined.clear()
    assert works.follow().check_new(works.told) == 0
    assert not works.arrows.examined


class Absent(Catalogue):
    """A catalogue whose engine is away for the first few questions."""

    away = 3

    def index_name(self) -> str:
        """Fail, then answer."""
        self.away -= 1
        if self.away >= 0:
            raise EngineUnavailable("Elasticsearch does not answer")
        return super().index_name()


def test_absent_engine_is_told_once_and_waited_for(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    works.write(product("a", 0))
    monkeypatch.setattr(works.catalogue, "__class__", Absent)
    stop, told = threading.Event(), Silent()
    follow = works.follow()
    check_new = Follower.check_new

    def once(self: Follower, progress: Silent) -> int:
        found = check_new(self, progress)
        stop.set()
        return found

    monkeypatch.setattr(Follower, "check_new", once)
    follow.run(told, 0.01, stop)
    assert told.said == [
        "waiting: Elasticsearch does not answer",
        "sweeping the whole catalogue first",
        "going on",
    ]
    assert works.arrows.examined == {image(0): 1}


def test_changed_policy_is_followed_without_examining_again(works: Works) -> None:
    works.write(
        product("a", 0, seller="s"), product("b", 0, seller="s"), product("c", 50, seller="s")
    )
    follow = works.follow()
    follow.check_new(works.told)
    works.write(product("d", 51, seller="s", added_at=stamp()))
    follow.check_new(works.told)
    assert works.asked() == []
    examined = dict(works.arrows.examined)
    works.follow_policy(other_seller=False)
    follow.check_new(works.told)
    assert works.asked() == [("same_file", "a", ["b"]), ("same_photo", "c", ["d"])]
    works.follow_policy()
    follow.check_new(works.told)
    assert {case.state for case in works.cases()} == {"withdrawn"}
    assert works.arrows.examined == examined
