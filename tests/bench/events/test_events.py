"""Events are sent, timed and compared with what is stored, through restarts of a real node."""

import json

from click.testing import CliRunner

from bench.events.events import command


def test_events_are_neither_lost_nor_doubled_over_a_restart() -> None:
    result = CliRunner().invoke(command, ["--seconds", "2", "--restarts", "1", "--clicks", "5"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    figures = {line["name"]: line["figure"] for line in lines}
    assert result.exit_code in (0, 1), result.output
    for part in ("events", "events.restarts"):
        assert (figures[f"{part}.lost"], figures[f"{part}.doubled"]) == (0, 0)
    assert figures["events.refused"] == 0
    assert figures["events.clicks_joined"] == figures["events.views_joined"] == 1
    assert figures["events.accepted_per_s"] > 0
    assert lines[-1]["sizes"]["events_of_restarts"] > 0
