"""Sums over the clients of an experiment, made by Elasticsearch from the events of shoppers.

A client's events are summed up first, then the sums and their products over clients, by variant
and by category: so no client leaves the server, and a million events answer with a few numbers.
Queries are read beside the events: a client whom a variant found nothing for has no impression,
and is a client of it all the same. One pass does it, as a scripted metric: a composite aggregation
would go through all of them again for every page of clients, and ES|QL is not on every server.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from features.base import Json

QUANTITIES = ("impressions", "clicks", "purchases", "revenue", "sessions")
"""What is summed up of a client. The time before has the same, behind `before_`."""

ACTIONS = ("impression", "click", "purchase")
EVENTS_PER_PART = 400_000
"""Events that are summed up at a time: Painless ends a script after a million turns of its loops,
and a session takes about 300 bytes of the server's heap."""

ATTRIBUTES = "event_attributes"
SEPARATOR = "\n"
"""Between the parts of a key, in the scripts as it is: Painless has no escape for it."""

MAP_SCRIPT = """
def valueOf(Map doc, String field) {
  return doc.containsKey(field) && doc.get(field).size() > 0 ? doc.get(field).value : null;
}
String client = doc['client_id'].value;
if (Math.abs(client.hashCode() % (int) params.parts) != (int) params.part) { return; }
boolean before = doc['@timestamp'].value.toInstant().toEpochMilli() < (long) params.start;
def action = valueOf(doc, 'action_name');
// A query is no action. Its answer says which variant a shopper had, also where nothing was found.
String origin = action == null ? 'query_attributes.lookalike' : 'event_attributes';
int variant = 0;
if (params.everyone) { variant = 1; }
else if (!before && valueOf(doc, origin + '.experiment') == params.experiment) {
  variant = 1 + params.variants.indexOf(valueOf(doc, origin + '.variant'));
}
int place = action == null ? -1 : action == 'impression' ? 0 : action == 'click' ? 1 : 2;
if (place < 2 && !before && variant == 0) { return; }
double revenue = 0;
if (place == 2) {
  def price = valueOf(doc, 'event_attributes.price');
  def currency = valueOf(doc, 'event_attributes.currency');
  def quantity = valueOf(doc, 'event_attributes.quantity');
  if (price != null && (currency == null || currency == params.currency)) {
    revenue = price * (quantity == null ? 1 : quantity);
  }
}
String key = client + 'SEPARATOR' + (doc['session_id'].size() > 0 ? doc['session_id'].value : '');
int slot = before ? 6 : 1;
int categories = action == null ? 0 : doc['event_attributes.category'].size();
for (int number = -1; number < categories; number++) {
  String name = number < 0 ? key
    : key + 'SEPARATOR' + doc['event_attributes.category'].get(number);
  def sums = state.sessions.get(name);
  if (sums == null) { sums = new double[11]; state.sessions.put(name, sums); }
  if (variant > 0) {
    sums[0] = sums[0] == 0 || sums[0] == variant ? variant : -1;
    sums[5] = 1;
  }
  if (before) { sums[10] = 1; }
  if (place >= 0) { sums[slot + place] += 1; }
  sums[slot + 3] += revenue;
}
"""

REDUCE_SCRIPT = """
double[] sumsIn(Map map, String name, int length) {
  double[] sums = (double[]) map.get(name);
  if (sums == null) { sums = new double[length]; map.put(name, sums); }
  return sums;
}
void add(double[] into, double[] sums, boolean ofOneSession) {
  if (sums[0] != 0) {
    into[0] = into[0] == 0 || into[0] == sums[0] ? sums[0] : -1;
  }
  for (int i = 1; i < 11; i++) {
    boolean isSession = i == 5 || i == 10;
    into[i] = isSession && ofOneSession ? Math.max(into[i], sums[i]) : into[i] + sums[i];
  }
}
void addSession(Map clients, String key, double[] sums) {
  int client = key.indexOf('SEPARATOR');
  int session = key.indexOf('SEPARATOR', client + 1);
  String name = session < 0 ? key.substring(0, client)
    : key.substring(0, client) + key.substring(session);
  // What was bought counts where the session was part of the experiment, or was before it.
  if (sums[5] == 0) { sums[3] = 0; sums[4] = 0; }
  add(sumsIn(clients, name, 11), sums, false);
}
void addClient(Map rows, Map clients, String name, double[] sums) {
  int cut = name.indexOf('SEPARATOR');
  double[] whole = cut < 0 ? sums : (double[]) clients.get(name.substring(0, cut));
  if (whole == null || whole[0] == 0) { return; }
  String row = (int) whole[0] + 'SEPARATOR' + (cut < 0 ? '' : name.substring(cut + 1));
  double[] into = sumsIn(rows, row, 111);
  into[0] += 1;
  for (int i = 0; i < 10; i++) {
    into[1 + i] += sums[1 + i];
    for (int j = 0; j < 10; j++) { into[11 + 10 * i + j] += sums[1 + i] * sums[1 + j]; }
  }
}
Map sessions = new HashMap();
for (part in states) {
  if (part != null) {
    for (entry in part.entrySet()) {
      add(sumsIn(sessions, entry.getKey(), 11), entry.getValue(), true);
    }
  }
}
Map clients = new HashMap();
for (entry in sessions.entrySet()) { addSession(clients, entry.getKey(), entry.getValue()); }
Map rows = new HashMap();
for (entry in clients.entrySet()) { addClient(rows, clients, entry.getKey(), entry.getValue()); }
return rows;
"""


@dataclass(frozen=True)
class ExperimentWindow:
    """Which events count: an experiment's from `start` to before `end`, and those of before.

    The time before begins at `since`. `variants` are ids; all times have a zone. With `everyone`,
    whoever came counts as in the first variant.
    """

    experiment: str
    variants: tuple[str, ...]
    since: datetime
    start: datetime
    end: datetime
    everyone: bool = False


@dataclass(frozen=True)
class ClientSums:
    """Sums over the clients of one variant, in one category or ("") in all of them.

    `variant` is None for clients who were in several. `sums` has the quantities and those of
    before, `products` their products, row by row.
    """

    variant: str | None
    category: str
    clients: int
    sums: Sequence[float]
    products: Sequence[float]


def survey_body(window: ExperimentWindow) -> Json:
    """Return the search that counts the events, and finds the currency that most is paid in."""
    currency = {"terms": {"field": f"{ATTRIBUTES}.currency", "size": 1}}
    return {
        "size": 0,
        "track_total_hits": True,
        "query": _events(window),
        "aggs": {"bought": {"filter": {"term": {"action_name": "purchase"}}, "aggs": {
            "currency": currency}}},
    }  # fmt: skip


def read_survey(answer: Json) -> tuple[int, str]:
    """Return how many events there are, and the currency, "" where no event names one."""
    # A data stream that was never written to has no aggregations to give.
    bought = answer.get("aggregations", {}).get("bought", {})
    buckets = bought.get("currency", {}).get("buckets", [])
    return int(answer["hits"]["total"]["value"]), str(buckets[0]["key"]) if buckets else ""


def sums_bodies(window: ExperimentWindow, events: int, currency: str) -> Iterator[Json]:
    """Yield the searches whose sums, added up, are those of all clients; none without events."""
    parts = -(-events // EVENTS_PER_PART)
    for part in range(parts):
        parameters = {
            "part": part,
            "parts": parts,
            "start": round(window.start.timestamp() * 1000),
            "experiment": window.experiment,
            "variants": list(window.variants),
            "currency": currency,
            "everyone": window.everyone,
        }
        metric = {
            "init_script": "state.sessions = new HashMap();",
            "map_script": MAP_SCRIPT.replace("SEPARATOR", SEPARATOR),
            "combine_script": "return state.sessions;",
            "reduce_script": REDUCE_SCRIPT.replace("SEPARATOR", SEPARATOR),
            "params": parameters,
        }
        yield {
            "size": 0,
            "track_total_hits": False,
            "query": _events(window),
            "aggs": {"clients": {"scripted_metric": metric}},
        }


def read_sums(answer: Json, variants: Sequence[str]) -> Iterator[ClientSums]:
    """Yield the sums of an answer, in no order."""
    rows: Mapping[str, Sequence[float]] = answer["aggregations"]["clients"]["value"] or {}
    width = 2 * len(QUANTITIES)
    for name, numbers in rows.items():
        number, _, category = name.partition(SEPARATOR)
        variant = variants[int(number) - 1] if int(number) > 0 else None
        clients, sums, products = numbers[0], numbers[1 : 1 + width], numbers[1 + width :]
        yield ClientSums(variant, category, int(clients), sums, products)


def _events(window: ExperimentWindow) -> Json:
    times = {"gte": window.since.isoformat(), "lt": window.end.isoformat()}
    return {
        "bool": {
            "filter": [
                {"range": {"@timestamp": times}},
                {"exists": {"field": "client_id"}},
            ],
            "should": [
                {"terms": {"action_name": list(ACTIONS)}},
                {"exists": {"field": "query_attributes.lookalike.experiment"}},
            ],
            "minimum_should_match": 1,
        }
    }
