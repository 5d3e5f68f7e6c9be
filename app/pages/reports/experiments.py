"""The pages of experiments: all of them, one's report, and its table as CSV."""

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.access import sign_in_required
from app.experiments.report_table import report_csv
from app.pages import language
from app.pages.figures import moment
from app.pages.reports.report_page import plan_values, report_values
from app.pages.trust.rendering import desk_page
from app.services import current_services

blueprint = APIBlueprint("reports", __name__, enable_openapi=False)

HERE = "/trust/reports"


@blueprint.get("/reports")
def short_address() -> AnyResponse:
    """Redirect to the reports, which lie where reviewers sign in."""
    return redirect(HERE, 303)


@blueprint.get(HERE)
@sign_in_required
def experiments() -> Response:
    """List the experiments."""
    known, reader = current_services().shared.experiments, language.requested_language(request)
    rows = [
        (
            item,
            moment(item.start, reader),
            moment(item.end, reader),
            known.reports.stage(item),
        )
        for item in reversed(known.declared)
    ]
    return desk_page("reports.html", experiments=rows)


@blueprint.get(f"{HERE}/<experiment>")
@sign_in_required
def report(experiment: str) -> Response:
    """Show an experiment's report, or before it starts what it will be able to find."""
    known, reader = current_services().shared.experiments, language.requested_language(request)
    declared = known.experiment(experiment)
    if not known.reports.has_begun(declared):
        return desk_page("plan.html", **plan_values(known.reports.plan(declared), reader))
    return desk_page("report.html", **report_values(known.reports.report(declared), reader))


@blueprint.get(f"{HERE}/<experiment>.csv")
@sign_in_required
def table(experiment: str) -> Response:
    """Answer with an experiment's report as CSV."""
    known = current_services().shared.experiments
    found = known.reports.report(known.experiment(experiment))
    answer = Response(report_csv(found), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.experiment.id}.csv"'
    return answer
