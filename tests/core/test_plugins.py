"""Plug-ins of other packages: found by name, and none of them stops the rest."""

import logging
from importlib.metadata import EntryPoint

import pytest

from core import plugins
from core.environment import Environment
from core.errors import InvalidSetting

GROUP = "lookalike.things"


def create(environment: Environment) -> str:
    """Build a plug-in; a test's entry point names this."""
    return f"thing {environment.text('COLOUR')}"


def create_none(environment: Environment) -> None:
    """Build nothing: it is not set up."""


def entry(name: str, value: str = "create") -> EntryPoint:
    module, _, attribute = value.rpartition(":")
    return EntryPoint(name, f"{module or __name__}:{attribute}", GROUP)


def install(monkeypatch: pytest.MonkeyPatch, *entries: EntryPoint) -> None:
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries if group == GROUP else ())


def test_plugins_are_built_from_the_environment_in_name_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, entry("b"), entry("a"), entry("c", "create_none"))
    found = plugins.build_all(GROUP, "thing", Environment({"COLOUR": "red"}))
    assert list(found.built.items()) == [("a", "thing red"), ("b", "thing red")]
    assert found.failed == {}


@pytest.mark.parametrize("value", ["no.such.module:create", "missing", "EntryPoint"])
def test_plugin_that_fails_is_named_and_the_others_are_built(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    install(monkeypatch, entry("good"), entry("bad", value))
    with caplog.at_level(logging.WARNING):
        found = plugins.build_all(GROUP, "thing", Environment({}))
    assert list(found.built) == ["good"]
    assert list(found.failed) == ["bad"]
    assert "the thing 'bad'" in caplog.text


def test_two_packages_with_the_same_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, entry("a"), entry("a"))
    with pytest.raises(InvalidSetting, match="two packages install a thing named 'a'"):
        plugins.find_entries(GROUP, "thing")


@pytest.mark.parametrize("name", ["", "A", "1", "a b", "a-b"])
def test_ill_formed_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    install(monkeypatch, entry(name))
    with pytest.raises(InvalidSetting, match="the name of the thing"):
        plugins.find_entries(GROUP, "thing")
