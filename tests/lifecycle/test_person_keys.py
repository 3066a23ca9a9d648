"""Names as they are compared and as they are searched."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.models.folding import searchable
from webapp.models.names import key_of
from webapp.models.person import derived

BLANKS = st.text("\t\n \u00a0\u3000", max_size=3)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
letters = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30)


@given(name=letters, before=BLANKS, after=BLANKS)
def test_outer_blanks_make_no_other_name(name: str, before: str, after: str) -> None:
    assert key_of(before + name + after) == key_of(name)


@given(name=letters)
def test_composition_makes_no_other_name(name: str) -> None:
    assert (
        len({key_of(unicodedata.normalize(form, name)) for form in ("NFC", "NFD", "NFKC", "NFKD")})
        == 1
    )


@given(name=letters)
def test_a_key_is_its_own_key(name: str) -> None:
    assert key_of(key_of(name)) == key_of(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna.Archer", "ANNA.ARCHER"),
        ("straße", "STRASSE"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("Zoe\u0308", "ZOË"),
        ("ＡＮＮＡ", "anna"),
        (" anna ", "anna"),
        ("ﬁona", "FIONA"),
        ("𝐀nna", "anna"),
    ],
)
def test_the_same_user_name_in_other_capitals_is_taken(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("zoe", "zoë"), ("anna", "anna1"), ("a b", "ab"), ("i", "ı")]
)
def test_another_user_name_is_free(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@given(name=names)
def test_every_word_of_a_name_finds_it(name: str) -> None:
    found_in = searchable(name)
    assert all(part in found_in for word in name.split() for part in searchable(word).split())


@given(name=names)
@example(name="𝐀nna")  # whose plain form is a capital letter
def test_searched_text_is_its_own_searched_text(name: str) -> None:
    assert searchable(searchable(name)) == searchable(name)


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        ("Zoë Quinn", "zoe"),
        ("Zoe Quinn", "ZOË"),
        ("Björn Åkesson", "akesson"),
        ("Groß", "GROSS"),
        ("İpek Yıldız", "ipek yildiz"),
        ("Thị Nguyễn", "nguyen"),
        ("Zoe\u0308", "zoë"),
        ("Anna  Archer", "anna\u00a0archer"),
        ("王 小明", "小明"),
        ("ＡＮＮＡ", "anna"),
        ("𝐀nna", "anna"),
        ("㎏ Ltd", "KG"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
    ],
)
def test_people_are_found_without_capitals_and_accents(name: str, keyword: str) -> None:
    assert searchable(keyword) in searchable(name)


def test_all_names_and_addresses_are_searched_and_lines_keep_them_apart() -> None:
    searched = derived(
        user_name="Zoe.Q",
        display_name="Zoë Quinn",
        given_name="Zoë",
        surname="Quinn",
        email="zq@example.org",
    )["search_text"]
    assert searched.split("\n") == ["zoe quinn", "zoe.q", "zq@example.org", "zo.q"]


def test_a_reference_is_new_each_time() -> None:
    assert derived(user_name="zoe")["reference"] != derived(user_name="zoe")["reference"]
