"""Search health: how much is searched, how fast, and how often in vain."""

from features.base import Json
from mappings.events.event_documents import PATTERN
from ops.kibana.dashboard import Dashboard, DataView, Panel, Table
from ops.kibana.drawing import TIME, bars, lines, most_frequent, number, over_time, stacked_bars

SEARCHES = {"term": {"event.action": "search"}}
CHECKS = {"term": {"event.action": "duplicate_check"}}
WITHOUT_RESULTS = {"bool": {"filter": [SEARCHES, {"term": {"lookalike.zero_results": True}}]}}
LOW_CONFIDENCE = {"bool": {"filter": [SEARCHES, {"term": {"lookalike.low_confidence": True}}]}}
WORDS = "lookalike.query.words"
THUMBNAIL = "lookalike.top.thumbnail"


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        "search-health",
        "search health",
        "How much is searched, how fast, and how often in vain",
        DataView(
            "searches",
            "searches",
            PATTERN,
            pictures={THUMBNAIL: "{{rawValue}}"},
            numbers={"lookalike.took_ms": "0,0.0"},
        ),
        _panels(),
        Table(
            "search-log",
            "search log",
            "Every search and duplicate check, with a picture of its best hit",
            (
                THUMBNAIL,
                WORDS,
                "event.action",
                "lookalike.query.features",
                "lookalike.total",
                "lookalike.top.score",
                "lookalike.took_ms",
            ),
        ),
    )


def _panels() -> tuple[Panel, ...]:
    return (
        _searches(0, 0),
        _durations(24, 0),
        _shares(0, 12),
        _stages(24, 12),
        _top("words", "Top words", WORDS, SEARCHES, 0, 24),
        _top("misses", "Top words without results", WORDS, WITHOUT_RESULTS, 16, 24),
        _top("plans", "Plan kinds", "lookalike.plan.kind", SEARCHES, 32, 24),
        _top("features", "Features used", "lookalike.query.features", SEARCHES, 0, 36),
        _top("filters", "Filters used", "lookalike.query.filter_names", SEARCHES, 16, 36),
        _verdicts(32, 36),
        _top("guesses", "Top words with low confidence", WORDS, LOW_CONFIDENCE, 0, 48),
    )


def _searches(x: int, y: int) -> Panel:
    drawing = {
        "mark": "bar",
        "encoding": {"x": TIME, "y": number("doc_count", "searches")},
    }
    return Panel("searches", "Searches over time", *over_time(SEARCHES, {}), drawing, x, y, 24)


def _durations(x: int, y: int) -> Panel:
    took = {"took": {"percentiles": {"field": "lookalike.took_ms", "percents": [50, 95]}}}
    # Percentiles come under names with a dot in them, which a field path cannot reach.
    drawing = lines(
        {"p50": "datum.took.values['50.0']", "p95": "datum.took.values['95.0']"}, "milliseconds"
    )
    return Panel("took", "Time taken: p50 and p95", *over_time(SEARCHES, took), drawing, x, y, 24)


def _shares(x: int, y: int) -> Panel:
    shares = {
        "zero": {"avg": {"field": "lookalike.zero_results"}},
        "low": {"avg": {"field": "lookalike.low_confidence"}},
    }
    drawing = lines({"no results": "datum.zero.value", "a guess": "datum.low.value"}, "share", "%")
    title = "Searches without results, and with low confidence"
    return Panel("shares", title, *over_time(SEARCHES, shares), drawing, x, y, 24)


def _stages(x: int, y: int) -> Panel:
    stages = ("decode", "features", "engine")
    means = {stage: {"avg": {"field": f"lookalike.stages_ms.{stage}"}} for stage in stages}
    drawing = lines({stage: f"datum.{stage}.value" for stage in stages}, "milliseconds")
    title = "Where the time goes: mean per stage"
    return Panel("stages", title, *over_time(SEARCHES, means), drawing, x, y, 24)


def _top(key: str, title: str, field: str, among: Json, x: int, y: int) -> Panel:
    return Panel(key, title, *most_frequent(field, among), bars("doc_count", "searches"), x, y, 16)


def _verdicts(x: int, y: int) -> Panel:
    verdicts = {"verdict": {"terms": {"field": "lookalike.verdict"}}}
    drawing = stacked_bars("verdict", "checks", "verdict")
    title = "Duplicate checks by verdict"
    return Panel("verdicts", title, *over_time(CHECKS, verdicts), drawing, x, y, 16)
