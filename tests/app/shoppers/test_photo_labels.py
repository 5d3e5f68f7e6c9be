"""Labelled photos are files that training and calibration read, and go when they expire."""

from pathlib import Path

from app.shoppers.photo_labels import DAY_S, PhotoLabels
from indexer.calibration.labelled_queries import read_photos as read_for_calibration
from indexer.training.photo_list import read_photos as read_for_training


class Clock:
    """A time that a test sets."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def test_training_and_calibration_read_the_labels(tmp_path: Path) -> None:
    labels = PhotoLabels(tmp_path / "labels", days=30)
    labels.add("first", "p1", b"jpeg 1")
    labels.add("second", "-p2", b"jpeg 2")
    calibration = read_for_calibration(labels.table)
    training = read_for_training(labels.table)
    assert [photo.product_id for photo in calibration] == ["p1", "-p2"]
    assert [photo.label for photo in training] == ["p1", "-p2"]
    assert [photo.path.read_bytes() for photo in training] == [b"jpeg 1", b"jpeg 2"]
    assert calibration[0].path == training[0].path
    assert {photo.origin.source for photo in training} == {"shopper"}


def test_another_answer_replaces_the_first(tmp_path: Path) -> None:
    labels = PhotoLabels(tmp_path, days=30)
    labels.add("q", "p1", b"jpeg")
    labels.add("q", "p2", b"jpeg")
    assert [label.product_id for label in labels.labels()] == ["p2"]


def test_label_is_taken_back_with_its_photo(tmp_path: Path) -> None:
    labels = PhotoLabels(tmp_path, days=30)
    labels.add("q", "p1", b"jpeg")
    labels.skip("other")
    labels.undo("q")
    assert labels.labels() == []
    assert labels.answered() == {"other"}
    assert list((tmp_path / "photos").iterdir()) == []


def test_expired_labels_go_with_their_photos(tmp_path: Path) -> None:
    clock = Clock()
    labels = PhotoLabels(tmp_path, days=30, clock=clock)
    labels.add("old", "p1", b"jpeg")
    clock.now += 31 * DAY_S
    labels.add("new", "p2", b"jpeg")
    assert [label.product_id for label in labels.labels()] == ["p2"]
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["new.jpg"]
    assert labels.answered() == {"new"}


def test_nothing_is_labelled_by_default(tmp_path: Path) -> None:
    labels = PhotoLabels(tmp_path / "labels", days=0)
    assert not labels.is_enabled
    assert labels.answered() == set()
    assert not (tmp_path / "labels").exists()
