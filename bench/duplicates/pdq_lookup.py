"""Measure whether every hash within 31 bits is found among a million, and how fast.

The index is the product index with PDQ as its only feature, and the query is the feature's own
clause, as a duplicate check sends it. The clause matches every hash within reach, nearest first;
`size` limits the list, not the count. So completeness is measured with the longest list the engine
returns, and time with lists of SIZE.
"""

import time
from collections.abc import Mapping, Sequence

import click

from bench.duplicates.hash_population import GROUPS, HashPopulation, HashQuestion, make_population
from bench.instruments.bulk_writing import write_in_batches
from bench.options import with_output_options
from bench.report import Report, at_least, at_most, reporting
from bench.statistics.metrics import percentile
from bench.workspace import Workspace, open_catalogue, open_workspace
from features.base import ClauseContext, Json
from features.pdq import Pdq
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES

AT_ONCE = 4_000
"""Documents per request; about 2 MB."""

SIZE = 100
"""Hits per timed lookup: more than a duplicate check reads."""

ALL = 10_000
"""The longest list in one response (`index.max_result_window`)."""

WARM_UP = 20
TURNS = (1, 8)


@click.command("pdq-lookup")
@click.option("--hashes", type=click.IntRange(100), default=1_000_000, show_default=True)
@click.option("--duplicates", type=click.FloatRange(0, 0.9), default=0.3, show_default=True)
@click.option("--queries", type=click.IntRange(1), default=200, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@with_output_options
def command(
    hashes: int, duplicates: float, queries: int, seed: int, keep: bool, markdown: bool
) -> None:
    """Look up hashes with and without filters, and verify the answers by brute force."""
    with reporting("pdq-lookup", markdown=markdown) as report, open_workspace(keep=keep) as space:
        stored = make_population(hashes, duplicates, seed)
        report.sizes |= {
            "hashes": hashes,
            "duplicates": stored.duplicates,
            "largest_cluster": stored.largest_cluster,
            "queries": queries,
        }
        catalogue = open_catalogue(space.environment, Registry([Pdq()]))
        load_hashes(report, space, catalogue, stored)
        questions = stored.questions(queries, seed)
        for turns in TURNS:
            questions_of_turns = [question.with_turns(turns) for question in questions]
            truths = [stored.within(question) for question in questions_of_turns]
            for group in (None, *GROUPS):
                name = f"turns_{turns}.{group or 'all'}"
                time_lookups(report, name, catalogue, questions_of_turns, group)
                filtered_truths = [
                    {one: far for one, far in truth.items() if group in (None, stored.sellers[one])}
                    for truth in truths
                ]
                report_completeness(
                    report, name, catalogue, questions_of_turns, filtered_truths, group
                )


def load_hashes(
    report: Report, space: Workspace, catalogue: Catalogue, stored: HashPopulation
) -> None:
    """Write every hash as a product of one picture; report time and size."""
    began = time.perf_counter()
    catalogue.begin_rebuild()
    write_in_batches(
        lambda start, end: catalogue.write(stored.documents(start, end)),
        len(stored.hashes),
        AT_ONCE,
    )
    catalogue.promote()
    took = time.perf_counter() - began
    report.add("load", took, "s", at_most(240))
    # As a large load does at its end: each segment looks up every term.
    began = time.perf_counter()
    catalogue.merge()
    report.add("merge", time.perf_counter() - began, "s")
    report.add("load.rate", len(stored.hashes) / took, "hashes/s")
    report.add("index.bytes_per_hash", catalogue.summary()["bytes"] / len(stored.hashes), "bytes")


def lookup_body(question: HashQuestion, group: str | None, size: int) -> Json:
    """Return the request body: the feature's clause inside the nested pictures."""
    clause = Pdq().clause(question.value(), ClauseContext(f"{PICTURES}.{Pdq.name}"))
    filters = [{"term": {"seller_id": group}}] if group else []
    nested = {"nested": {"path": PICTURES, "score_mode": "max", "query": clause}}
    return {
        "size": size,
        "query": {"bool": {"filter": filters, "must": [nested]}},
        "track_total_hits": True,
        "_source": False,
    }


def time_lookups(
    report: Report,
    name: str,
    catalogue: Catalogue,
    questions: Sequence[HashQuestion],
    group: str | None,
) -> None:
    """Report the time of the lookups as the caller measures it."""
    for question in questions[:WARM_UP]:
        catalogue.search(lookup_body(question, group, SIZE))
    took = []
    for question in questions:
        began = time.perf_counter()
        catalogue.search(lookup_body(question, group, SIZE))
        took.append(1000 * (time.perf_counter() - began))
    report.add(f"{name}.p50", percentile(took, 50), "ms")
    report.add(f"{name}.p95", percentile(took, 95), "ms", at_most(50))


def report_completeness(
    report: Report,
    name: str,
    catalogue: Catalogue,
    questions: Sequence[HashQuestion],
    truths: Sequence[Mapping[int, int]],
    group: str | None,
) -> None:
    """Report the share of hashes within 31 bits that were found, and the number of wrong hits.

    `truths` holds, for each question, number → distance of the hashes to find. A hit is wrong when
    it should not be there, has another distance, or is counted but not listed.
    """
    expected = found = wrong = 0
    for question, truth in zip(questions, truths, strict=True):
        answer = catalogue.search(lookup_body(question, group, ALL))["hits"]
        hits = {
            int(hit["_id"]): Pdq().evidence(hit["_score"])["distance"] for hit in answer["hits"]
        }
        expected += len(truth)
        found += len(truth.keys() & hits.keys())
        wrong += sum(truth.get(number) != distance for number, distance in hits.items())
        wrong += answer["total"]["value"] - len(hits)
    report.add(f"{name}.to_be_found", expected, "hashes")
    report.add(f"{name}.complete", found / expected if expected else 1.0, "share", at_least(1))
    report.add(f"{name}.wrong", wrong, "hashes", at_most(0))
