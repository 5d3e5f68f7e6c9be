"""`flask report` and `flask plan`: what an experiment says, and what it will be able to find."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.experiments.experiment import Experiment
from app.experiments.report import ExperimentReport, VariantComparison
from app.experiments.report_table import report_csv
from app.pages import language as languages
from app.pages.language import CODES, Language
from app.pages.reports.report_page import STYLES, report_file
from app.pages.reports.report_view import percent_change, plan_rows, value_text
from app.services import current_services
from core.atomic_file import write
from core.command_line import report_errors
from core.errors import NotFound


@click.command("report")
@click.argument("experiment", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print every figure as CSV.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report with its charts to this file.",
)
@click.option("--lang", type=click.Choice(CODES), default=CODES[0], show_default=True)
@report_errors()
@with_appcontext
def report(experiment: str | None, as_csv: bool, html: Path | None, lang: str) -> None:
    """Report on EXPERIMENT, by default on the latest that has begun."""
    shared, language = current_services().shared, languages.language(lang)
    found = shared.experiments.reports.report(_chosen(experiment))
    if html is not None:
        folder = Path(str(current_app.static_folder))
        styles = "\n".join((folder / name).read_text(encoding="utf-8") for name in STYLES)
        write(html, report_file(found, language, styles).encode())
        click.echo(f"{html} has the report on {found.experiment.id}", err=True)
    if as_csv:
        for line in report_csv(found):
            click.echo(line, nl=False)
    elif html is None:
        _print(found, language)


@click.command("plan")
@click.argument("experiment")
@click.option("--lang", type=click.Choice(CODES), default=CODES[0], show_default=True)
@report_errors()
@with_appcontext
def plan(experiment: str, lang: str) -> None:
    """Say what EXPERIMENT will be able to find, by what shoppers did before it."""
    shared, language = current_services().shared, languages.language(lang)
    found = shared.experiments.reports.plan(shared.experiments.experiment(experiment))
    clients = language.number(found.clients)
    click.echo(language.text("reports.plan.means", days=found.days, clients=clients))
    for row in plan_rows(found, language):
        effect = row.effect or language.text("reports.plan.unknown")
        name = language.text(f"reports.{row.ratio}")
        click.echo(f"{name} · {row.variant}: {row.value}, {effect}")


def _chosen(name: str | None) -> Experiment:
    """Return the experiment of that id, or the latest that has begun; raises NotFound."""
    shared = current_services().shared
    if name:
        return shared.experiments.experiment(name)
    for experiment in reversed(shared.experiments.declared):
        if shared.experiments.reports.has_begun(experiment):
            return experiment
    raise NotFound("no experiment has begun: declare one in the file of LOOKALIKE_EXPERIMENTS")


def _print(found: ExperimentReport, language: Language) -> None:
    text = language.text
    click.echo(text("reports.of", name=found.experiment.id))
    for variant, clients in found.clients.items():
        click.echo(f"  {variant}: {text('reports.clients')} {language.number(clients)}")
    if found.has_mismatch:
        click.echo(f"! {text('reports.mismatch')} {text('reports.mismatch.means')}")
    for comparison in found.comparisons:
        click.echo(f"  {_line(comparison, found, language)}")
    for ratio, variant in dict.fromkeys((c.ratio, c.variant.variant) for c in found.categories):
        chosen = found.category_comparisons(ratio, variant)
        click.echo(f"{text(f'reports.{ratio}')} · {variant} · {text('reports.categories')}")
        for comparison in chosen:
            line = _line(comparison, found, language)
            click.echo(f"  {comparison.category}: {line}")


def _line(comparison: VariantComparison, found: ExperimentReport, language: Language) -> str:
    ratio, text = comparison.ratio, language.text
    name = text(f"reports.{ratio}")
    values = " → ".join(
        value_text(ratio, side.value, found.traffic.currency, language)
        for side in (comparison.control, comparison.variant)
    )
    verdict = text(f"reports.verdict.{comparison.verdict}")
    interval = comparison.decisive_interval(is_final=found.is_final)
    if comparison.change is None or interval is None:
        return f"{name} · {comparison.variant.variant}: {values} ({verdict})"
    ends = " … ".join(percent_change(end, language) for end in (interval.low, interval.high))
    change = percent_change(comparison.change, language)
    return f"{name} · {comparison.variant.variant}: {values}, {change} ({ends}); {verdict}"
