"""What the templates of a report and a plan are filled with, in a page or in a file."""

from typing import Any

from flask import current_app

from app.experiments.plan import ExperimentPlan
from app.experiments.report import ExperimentReport
from app.pages.figures import moment
from app.pages.language import Language
from app.pages.reports.report_view import category_tables, overview_rows, plan_rows

STYLES = ("shop.css", "parts.css", "trust.css", "reports.css")


def report_values(report: ExperimentReport, language: Language) -> dict[str, Any]:
    """Return the template's values."""
    return {
        "report": report,
        "experiment": report.experiment,
        "rows": overview_rows(report, language),
        "tables": category_tables(report, language),
        "start": moment(report.experiment.start, language),
        "end": moment(report.experiment.end, language),
        "at": moment(report.at, language),
        "event_count": language.number(report.traffic.events),
        "mixed": language.number(report.traffic.mixed_clients),
    }


def plan_values(plan: ExperimentPlan, language: Language) -> dict[str, Any]:
    """Return the template's values."""
    return {
        "plan": plan,
        "experiment": plan.experiment,
        "rows": plan_rows(plan, language),
        "clients": language.number(plan.clients),
        "start": moment(plan.experiment.start, language),
        "end": moment(plan.experiment.end, language),
    }


def report_file(report: ExperimentReport, language: Language, styles: str) -> str:
    """Return a report as one HTML file that needs nothing else; `styles` is its CSS."""
    # Not by `render_template`: what it adds belongs to a request, and a command has none.
    return current_app.jinja_env.get_template("trust/report_file.html").render(
        language=language,
        t=language.text,
        styles=styles,
        **report_values(report, language),
    )
