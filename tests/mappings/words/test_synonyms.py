import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.words import lexicon
from mappings.words.reading import read
from mappings.words.synonyms import MOST_SYNONYMS, BrokenSynonymRule, Synonyms, read_synonyms

SHOP = lexicon.build({"category": ["Home > Sofas", "靴"], "brand": ["Blue Fox"], "color": ["Navy"]})


def synonyms_of(query: str, *rules: str) -> dict[str, list[str]]:
    """Return the parts of a query with their synonyms."""
    reading = read(query, SHOP, read_synonyms(rules))
    return {
        reading.surface(part): [synonym.text for synonym in part.synonyms]
        for part in reading.required
    }


@pytest.mark.parametrize(
    ("query", "rules", "parts"),
    [
        ("couch", ["couch, settee, sofa"], {"couch": ["settee", "sofa"]}),
        ("settees", ["Couch, Settee"], {"settees": ["couch"]}),
        ("couch", ["couch => sofa"], {"couch": ["sofa"]}),
        ("sofa", ["couch => sofa"], {"sofa": []}),
        ("two seater couch", ["seater couch => loveseat"],
         {"two": [], "seater couch": ["loveseat"]}),
        ("loveseat", ["loveseat => two seater sofa"], {"loveseat": ["two seater sofa"]}),
        ("couch", ["# couch, bench", "", "  ", "couch, sofa"], {"couch": ["sofa"]}),
        ("couch", [r"couch, sofa\, large"], {"couch": ["sofa, large"]}),
        ("スニーカー", ["スニーカー, 運動靴"], {"スニーカー": ["運動靴"]}),
        ("ｽﾆｰｶｰ", ["スニーカー, trainers"], {"スニーカー": ["trainers"]}),
        ("trainers", ["スニーカー, trainers"], {"trainers": ["スニーカー"]}),
        ("blue fox", ["blue, azure"], {"blue fox": []}),
        ("couch", ["couch => sofa", "sofa => divan"], {"couch": ["sofa"]}),
        ("couch", ["couch => sofa", "sofa => couch"], {"couch": ["sofa"]}),
        ("couch", ["couch => couch, sofa"], {"couch": ["sofa"]}),
        ("couch", ["couch, sofa", "couch, divan"], {"couch": ["sofa", "divan"]}),
    ],
)  # fmt: skip
def test_rules_expand_a_query_once(
    query: str, rules: list[str], parts: dict[str, list[str]]
) -> None:
    assert synonyms_of(query, *rules) == parts


def test_synonym_means_the_field_it_names() -> None:
    reading = read("settee", SHOP, read_synonyms(["settee => sofa"]))
    (part,) = reading.required
    assert part.field == "category"
    assert part.meanings == ()
    assert part.synonyms[0].phrase.meanings[0].values == ("Home > Sofas",)


def test_denied_part_keeps_its_synonyms() -> None:
    reading = read("lounge without settee", SHOP, read_synonyms(["settee, sofa"]))
    (part,) = reading.negative
    assert [synonym.text for synonym in part.synonyms] == ["sofa"]


@pytest.mark.parametrize(
    ("rules", "line", "words"),
    [
        (["sofa, couch", "a => b => c"], 2, "more than one =>"),
        (["", "lonely"], 2, "two different phrases"),
        (["sofas, sofa,"], 1, "empty"),
        (["=> sofa"], 1, "empty"),
        (["sofa =>"], 1, "empty"),
        (["the, of"], 1, "no telling word"),
        (["a red big old soft wide low sofa, couch"], 1, "more than 6 words"),
        (["couch => " + ", ".join(f"sofa{n}" for n in range(MOST_SYNONYMS + 1))], 1, "synonyms"),
    ],
)
def test_broken_line_is_named(rules: list[str], line: int, words: str) -> None:
    with pytest.raises(BrokenSynonymRule, match=words) as broken:
        read_synonyms(rules)
    assert broken.value.line == line


def test_spellings_of_one_word_are_no_synonyms_of_each_other() -> None:
    with pytest.raises(BrokenSynonymRule, match="empty"):
        read_synonyms(["sofa, !!!"])
    assert read_synonyms(["sofa, sofas, couch"]).texts[("sofa",)] == ("couch",)


@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=40))
def test_any_file_is_read_or_refused_and_any_query_then_read(lines: list[str], query: str) -> None:
    try:
        synonyms = read_synonyms(lines)
    except BrokenSynonymRule:
        synonyms = Synonyms()
    read(query, SHOP, synonyms)
