"""Experiments are read from a file; what is wrong in it is named."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.experiments.experiment import Experiment, Overrides, Variant
from app.experiments.experiment_file import load_experiments
from app.experiments.experiments import Experiments
from app.experiments.report_reader import ReportReader
from core.environment import Environment
from core.errors import InvalidSetting, NotFound
from features.registry import Registry

REPORTS = ReportReader(lambda body: body)

GOOD = """
[[experiment]]
id = "more-colour"
start = 2026-12-01T00:00:00Z
end = 2026-12-15T00:00:00+09:00
share = 0.5
before_days = 7

[[experiment.variant]]
id = "control"

[[experiment.variant]]
id = "colour"
weight = 3
weights = { colour = 0.3 }
recall = 0.95
model = "next"
visual = false
"""
VARIANT = '[[experiment.variant]]\nid = "control"\n'


def load(folder: Path, text: str) -> tuple[Experiment, ...]:
    path = folder / "experiments.toml"
    path.write_text(text, encoding="utf-8")
    return load_experiments(Environment({"LOOKALIKE_EXPERIMENTS": str(path)}))


def test_without_a_file_there_are_none() -> None:
    assert load_experiments(Environment({})) == ()


def test_every_key_is_read(tmp_path: Path) -> None:
    overrides = Overrides({"colour": 0.3}, 0.95, "next", has_visual=False)
    assert load(tmp_path, GOOD) == (
        Experiment(
            "more-colour",
            datetime(2026, 12, 1, tzinfo=UTC),
            datetime(2026, 12, 14, 15, tzinfo=UTC),
            (Variant("control"), Variant("colour", 3, overrides)),
            0.5,
            timedelta(days=7),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("share = 0.5", "share = 50", "more-colour: share is a number from 0 to 1, not 50"),
        ("share = 0.5", "shares = 0.5", "more-colour: unknown key 'shares'"),
        ("T00:00:00Z", "T00:00:00", "start is a time with its zone"),
        ("2026-12-15", "2026-11-15", "more-colour: end is not after start"),
        ('id = "more-colour"', "", "an experiment has the id None"),
        ('id = "more-colour"', 'id = "More Colour"', "has the id 'More Colour'; give it one of"),
        ('id = "colour"', 'id = "control"', "two variants of more-colour have the id 'control'"),
        ("weight = 3", "weight = 0", "a weight of 0 has no clients"),
        ("colour = 0.3", "colour = -1", "weights: colour is a number from 0 to 1000"),
        ("{ colour = 0.3 }", "0.3", "write weights as { colour = 0.3 }"),
        ("recall = 0.95", "recall = 0.2", "recall is a number from 0.5 to 1"),
        ('model = "next"', "model = 2", "model is a name, not 2"),
        ("visual = false", 'visual = "no"', "visual is true or false, not 'no'"),
        ("[[experiment]]", "[experiment]", "write each experiment as a table, [[experiment]]"),
        ("[[experiment]]", "[[experiment", "is not TOML"),
    ],
)
def test_mistake_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert str(raised.value).startswith("LOOKALIKE_EXPERIMENTS")
    assert complaint in str(raised.value)


def test_one_variant_is_no_experiment(tmp_path: Path) -> None:
    head = GOOD.partition("[[experiment.variant]]")[0]
    with pytest.raises(InvalidSetting, match="needs 2 to 10 variants"):
        load(tmp_path, head + VARIANT)


def test_experiments_at_the_same_time_are_refused(tmp_path: Path) -> None:
    second = GOOD.replace("more-colour", "other").replace("12-01", "12-08")
    with pytest.raises(InvalidSetting, match="more-colour and other run at the same time"):
        load(tmp_path, GOOD + second)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="cannot be read: No such file"):
        load_experiments(Environment({"LOOKALIKE_EXPERIMENTS": str(tmp_path / "none.toml")}))


def test_weight_of_an_unknown_feature_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="there is no feature 'colour' to give a weight to"):
        Experiments(load(tmp_path, GOOD), Registry([]), REPORTS)


def test_unknown_experiment_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"there is no experiment 'x'.*declares: none"):
        Experiments((), Registry([]), REPORTS).experiment("x")
