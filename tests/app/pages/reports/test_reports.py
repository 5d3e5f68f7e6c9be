"""Reports are shown to reviewers alone, in their language, as a page, a table and a file."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from app.experiments.experiment import Experiment
from app.experiments.experiments import Experiments
from app.experiments.report_reader import ReportReader
from app.factory import create_app
from bench.experiments.event_index import event_index, store_events
from bench.experiments.shoppers import Rates, events_of, make_sessions
from mappings.engine.gateway import Gateway
from tests.bench.experiments.declared import END, START, experiment
from tests.support.engine import Engine
from tests.support.reviewing import browser, signed_in
from tests.support.shop import Shop

LATER = experiment(id="later", start=END, end=END + timedelta(days=14))
RATES = Rates(np.array([[0.1, 0.1], [0.2, 0.05]]), np.array([[0.05, 0.05], [0.1, 0.1]]))
CATEGORIES = ("Shoes", "=HYPERLINK(1)")


@pytest.fixture(scope="module")
def index(engine: Engine) -> Iterator[str]:
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    with event_index(gateway, "test-events") as name:
        made = make_sessions(experiment(), RATES, 1_200, seed=1)
        store_events(gateway, name, events_of(made, CATEGORIES))
        yield name
    gateway.close()


@pytest.fixture(scope="module")
def app(engine: Engine, shop: Shop, index: str) -> Iterator[APIFlask]:
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    search, declared = partial(gateway.search, index), (experiment(), LATER)
    with shop.services(experiments=declared) as services:
        reports = ReportReader(search, lambda: END - timedelta(hours=1))
        experiments = Experiments(declared, services.registry, reports)
        yield create_app(
            replace(services, shared=replace(services.shared, experiments=experiments))
        )
    gateway.close()


@pytest.fixture
def reviewer(app: APIFlask) -> FlaskClient:
    return signed_in(app, "mika")


def test_reports_need_a_sign_in(app: APIFlask) -> None:
    client = browser(app)
    assert client.get("/reports").location == "/trust/reports"
    for path in ("/trust/reports", "/trust/reports/e", "/trust/reports/e.csv"):
        answer = client.get(path)
        assert (answer.status_code, answer.location[:14]) == (303, "/trust/sign-in")


def test_experiments_are_listed_with_their_stage(reviewer: FlaskClient) -> None:
    text = reviewer.get("/trust/reports").text
    assert text.index('href="/trust/reports/later"') < text.index('href="/trust/reports/e"')
    assert "Planned" in text
    assert "Running" in text


def test_report_shows_figures_charts_and_categories(reviewer: FlaskClient) -> None:
    text = reviewer.get("/trust/reports/e").text
    assert "Click-through rate · colour" in text
    assert text.count('<svg class="interval') >= 6
    assert "It is running" in text
    assert 'class="badge verdict-better"' in text
    assert re.search(r"1 of 2 categories higher; surely better 1, surely worse 1", text)
    assert "=HYPERLINK(1)" in text
    assert "The variants did not get their shares" not in text


def test_report_speaks_japanese(reviewer: FlaskClient) -> None:
    text = reviewer.get("/trust/reports/e?lang=ja").text
    assert "クリック率 · colour" in text
    assert "改善" in text
    assert "reports." not in re.sub(r"reports\.css|/trust/reports", "", text)


def test_table_has_every_figure_and_no_formula(reviewer: FlaskClient) -> None:
    answer = reviewer.get("/trust/reports/e.csv")
    lines = answer.text.splitlines()
    assert answer.mimetype == "text/csv"
    assert lines[0].startswith("experiment,ratio,category,variant,clients,numerator")
    assert len(lines) == 1 + 3 + 2 * 3
    assert any(line.startswith("e,ctr,'=HYPERLINK(1),colour,") for line in lines)
    assert any(line.startswith("e,ctr,,colour,") and line.endswith(",better") for line in lines)


def test_plan_says_what_can_be_found(reviewer: FlaskClient) -> None:
    text = reviewer.get("/trust/reports/later").text
    assert "Judging by the last 14 days, about 1,200 clients will take part" in text
    assert re.search(r"±\d+\.\d%", text)


def test_unknown_experiment_is_not_found(reviewer: FlaskClient) -> None:
    answer = reviewer.get("/trust/reports/other", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert "LOOKALIKE_EXPERIMENTS declares: e, later" in answer.json["detail"]


def test_command_prints_writes_and_tabulates(app: APIFlask, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    printed = run.invoke(args=["report"])
    assert printed.exit_code == 0, printed.output
    assert "Experiment e" in printed.output
    assert re.search(r"Click-through rate · colour: \d+\.\d\d% → .*; Better", printed.output)
    assert run.invoke(args=["report", "e", "--csv"]).output.startswith("experiment,ratio")
    html = tmp_path / "report.html"
    assert run.invoke(args=["report", "e", "--html", str(html), "--lang", "ja"]).exit_code == 0
    text = html.read_text(encoding="utf-8")
    assert "クリック率" in text
    assert ".interval .zero" in text
    assert "/static/" not in text


def test_command_says_what_can_be_found(app: APIFlask) -> None:
    printed = app.test_cli_runner().invoke(args=["plan", "later"])
    assert printed.exit_code == 0
    assert re.search(r"Click-through rate · colour: \d+\.\d\d%, ±\d+\.\d%", printed.output)


def test_report_without_experiments_says_what_to_do(shop: Shop) -> None:
    with shop.app() as app:
        failed = app.test_cli_runner().invoke(args=["report"])
        assert failed.exit_code != 0
        assert "no experiment has begun" in failed.output
        assert "No experiment is declared" in signed_in(app, "mika").get("/trust/reports").text


def test_report_is_read_once_a_minute(engine: Engine, index: str) -> None:
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    searches = []

    def search(body: object) -> object:
        searches.append(body)
        return gateway.search(index, body)

    reader = ReportReader(search, lambda: END)
    declared: Experiment = experiment(start=START)
    assert reader.report(declared) is reader.report(declared)
    assert len(searches) == 2
    gateway.close()
