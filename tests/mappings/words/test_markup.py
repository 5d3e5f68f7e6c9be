import pytest

from mappings.words.markup import cut, plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("Salt &amp; pepper", "Salt & pepper"),
        ("<style>.a{color:red}</style>Plain<script>alert(1)</script>", "Plain"),
        ('<b class="strong">B</b>old', "Bold"),
        ("<ul><li>a<li>b</ul>", "a b"),
        ("2 < 3 and 4 > 1", "2 < 3 and 4 > 1"),
        ("line\r\nbreak\x07", "line break"),
        ("a<br/>b", "a b"),
        ("&lt;b&gt;", "<b>"),
        ("<!-- hidden -->shown", "shown"),
        ("unclosed <b>tag", "unclosed tag"),
    ],
)
def test_html_reads_as_a_browser_shows_it(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_long_text_is_cut_at_a_space() -> None:
    assert cut("alpha beta gamma", 12) == "alpha beta"


def test_long_word_is_cut_anywhere() -> None:
    assert cut("x" * 20, 12) == "x" * 12
