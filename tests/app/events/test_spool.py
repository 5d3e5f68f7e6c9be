"""Lines on disk: left alone while a process writes them, readable by their owner alone."""

from pathlib import Path

from app.events.spool import Spool


def test_a_segment_in_use_is_left_alone(tmp_path: Path) -> None:
    writer, reader = Spool(tmp_path, 1000), Spool(tmp_path, 1000)
    seen: list[bytes] = []
    writer.append([b"one"])
    reader.deliver(seen.extend)
    assert seen == []
    writer.seal()
    reader.deliver(seen.extend)
    assert seen == [b"one"]


def test_events_are_readable_by_us_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 1000)
    spool.append([b"one"])
    spool.refuse(b"two")
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "spool").iterdir()]
    assert modes == [0o600, 0o600]
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
