"""A client's variant is the same everywhere and always, and variants get their shares."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from app.experiments.assignment import assign
from app.experiments.experiment import Overrides, Variant
from app.experiments.statistics.sample_ratio import is_mismatch, sample_ratio_p
from tests.bench.experiments.declared import END, START, experiment

FIRST_SIX = ("colour", "colour", "control", "colour", "control", "colour")
CLIENTS = [f"client-{number}" for number in range(20_000)]


def variants_of(**changes: object) -> dict[str, str]:
    declared = experiment(**changes)
    assignments = ((client, assign([declared], client, START)) for client in CLIENTS)
    return {client: found.variant for client, found in assignments if found}


def test_assignment_never_changes() -> None:
    # Written down: a change would move every client of an experiment that runs.
    found = {client: variants_of()[client] for client in CLIENTS[:6]}
    assert found == dict(zip(CLIENTS[:6], FIRST_SIX, strict=True))


def test_variants_get_their_weights() -> None:
    counts = Counter(variants_of(variants=(Variant("control", 3), Variant("colour"))).values())
    p = sample_ratio_p([counts["control"], counts["colour"]], [3, 1])
    assert not is_mismatch(p)


def test_larger_share_adds_clients_and_moves_none() -> None:
    small, large = variants_of(share=0.2), variants_of(share=0.5)
    assert len(small) == pytest.approx(0.2 * len(CLIENTS), rel=0.05)
    assert len(large) == pytest.approx(0.5 * len(CLIENTS), rel=0.05)
    assert small.items() <= large.items()


def test_experiments_assign_independently() -> None:
    first, second = variants_of(), variants_of(id="other")
    agreeing = sum(first[client] == second[client] for client in CLIENTS)
    assert abs(agreeing / len(CLIENTS) - 0.5) < 0.02


def test_nobody_is_assigned_outside_the_time_or_without_a_pseudonym() -> None:
    declared = [experiment()]
    assert assign(declared, "ada", START - timedelta(seconds=1)) is None
    assert assign(declared, "ada", END) is None
    assert assign(declared, "", START) is None
    assert assign([], "ada", START) is None


def test_later_experiment_takes_over_when_it_starts() -> None:
    later = replace(experiment(), id="later", start=END, end=END + timedelta(days=1))
    found = assign([experiment(), later], "ada", END)
    assert found is not None
    assert found.experiment == "later"


def test_assignment_has_its_variant_s_overrides() -> None:
    overrides = Overrides({"colour": 0.5}, has_visual=False)
    variants = (Variant("control"), Variant("colour", overrides=overrides))
    declared = experiment(variants=variants)
    found = [assign([declared], client, START) for client in CLIENTS[:50]]
    assert {item.variant for item in found if item} == {"control", "colour"}
    assert all(item.is_about_words for item in found if item)
    assert all(item.overrides == overrides for item in found if item and item.variant == "colour")
