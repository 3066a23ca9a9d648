"""People are found whatever the writing: of their names, and of what is typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories import Office, a_search, a_user, domains_searched
from webapp.models import Purpose
from webapp.models.folding import searchable, searched_text, words_of
from webapp.models.person import derived
from webapp.searching import selection

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
anything = st.text(max_size=60)
on_one_database = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FOUND = [  # a name, and what finds it
    *(
        (name, typed)
        for name in ("O'Bryon", "O’Bryon", "OʼBryon")
        for typed in ("o’bryon", "O´Bryon")
    ),
    *(("Quinn O’Bryon", typed) for typed in ("obryon", "O Bryon", "o`bryon quinn", "O＇BRYON")),
    ("Quinn O Bryon", "O'Bryon"),
    ("Liam O'Mackin", "o’mackin"),
    *(
        (name, typed)
        for name in ("Anne-Marie", "Anne‑Marie", "Anne–Marie", "Anne Marie", "Anne−Marie")
        for typed in ("anne-marie", "Anne‐Marie", "anne marie", "Anne—Marie", "marie, anne")
    ),
    ("Anne-Marie", "annemarie"),
    ("Annemarie", "Anne-Marie"),
    *(
        (name, typed)
        for name in ("Müllner", "Muellner", "MÜLLNER")
        for typed in ("müllner", "Muellner")
    ),
    ("Müllner", "mullner"),
    ("Muellner", "Mu\u0308llner"),
    ("Kuehlböck", "Kühlboeck"),
    ("Jäger", "jaeger"),
    ("Jaeger", "JÄGER"),
    ("Jörg Kößler", "Joerg Koessler"),
    ("Joerg Koessler", "Jörg Kößler"),
    ("Straße", "STRASSE"),
    ("STRAẞE", "strasse"),
    *(("Æsa Strømæ", typed) for typed in ("Aesa", "æsa", "Stromae", "Stroemae", "STRØMÆ")),
    ("Aesa Stromae", "Æsa Strømæ"),
    ("Chloé Œuvrard", "chloe oeuvrard"),
    ("Grzegorz Łuczak", "luczak"),
    ("Đorđe", "Djordje"),
    ("Djordje", "Đorđe"),
    ("Dorde", "Đorđe"),
    ("Þórður Ðal", "thordur dal"),
    ("Åkesson", "aakesson"),
    ("Aakesson", "Åkesson"),
    ("İpek Yıldız", "IPEK YILDIZ"),
    ("Ipek Yildiz", "ipek yıldız"),
    ("ISIL", "ışıl"),
    ("ｍüｌｌｎｅｒ", "Muellner"),
    ("ﬁona ﬂynn", "FIONA FLYNN"),
    ("Soft Hy\u00adphen", "hyphen"),
    ("Zero\u200bWidth", "zerowidth"),
    ("Zoe\u200d Quinn", "zo\u00adë\u00a0quinn"),
    ("Anna\u00a0Archer", "Archer,Anna"),
    ("Anna Archer", "Archer, Anna"),
    ("Archer, Anna", "anna archer"),
    ("Anna Archer", "\u201cAnna Archer\u201d"),
    ("Anna Archer", "'Archer'; "),
    ("Gal·la Puig", "gal.la puig".replace(".", "")),
    ("Дмитрий Орлов", "орлов"),
    ("Дмитрий Орлов", "Orlov"),
    ("Ελένη Παππά", "pappa"),
    ("\u0410nna", "anna"),  # which begins with a Cyrillic letter
    ("田中 花", "田中"),
    ("100% Sure_Thing/Co", "100% sure_thing/co"),
]
NOT_FOUND = [  # a name, and what must not find it
    ("Arnold Joyce", "noel"),
    ("Murphy Miller", "müller"),
    ("Marc Dubois", "d'arc"),
    ("Anna Diaz", "nadia"),
    ("Christian Wanger", "王"),
    ("Percy 1000", "100%"),
]
ADDRESSES = (
    "anna.archer@example.org",
    "ANNA.ARCHER@Example.org",
    "<anna.archer@example.org>",
    "Anna Married <anna.archer@example.org>;",
    "Archer, Anna (External) <Anna.Archer@example.org>",
    "mailto:anna.archer@example.org",
    "mailto:anna.archer@example.org?subject=Hello",
    "SMTP:anna.archer@example.org",
    "\u200banna.archer@example.org\u200b",
    "anna.archer@\u00adexample.org\u00a0",
    "anna.archer@example.org.",
    '"anna.archer@example.org",',
    "(anna.archer@example.org)",
    "＜anna．archer＠example.org＞",
)


def finds(keyword: str, text: str) -> bool:
    """Tell what the databases do: each word is a part, a hyphen whatever lies between two."""
    words = (".*".join(map(re.escape, word.split("-"))) for word in words_of(keyword))
    return all(re.search(word, text, re.DOTALL) for word in words)


@pytest.mark.parametrize(("name", "typed"), FOUND)
def test_a_name_is_found_in_this_writing(name: str, typed: str) -> None:
    assert words_of(typed)
    assert finds(typed, searched_text(name))


@pytest.mark.parametrize(("name", "typed"), NOT_FOUND)
def test_a_name_is_not_found_by_another_one(name: str, typed: str) -> None:
    assert not finds(typed, searched_text(name))


@pytest.mark.parametrize("pasted", ADDRESSES)
def test_an_address_is_found_as_it_is_pasted(pasted: str) -> None:
    assert words_of(pasted) == ["anna.archer@example.org"]


@pytest.mark.parametrize("typed", ["A1B2C3D4-0000-4000-8000-00000000CAFE", "a1b2c3d4", "cafe"])
def test_an_object_id_is_found_whole_or_in_part(typed: str) -> None:
    object_id = "a1b2c3d4-0000-4000-8000-00000000cafe"
    assert finds(typed, derived(user_name="anna", external_id=object_id)["search_text"])


@given(name=names)
@example(name="<a@b> c")
@example(name="an-na")
def test_every_name_is_found_by_itself_and_by_each_of_its_words(name: str) -> None:
    for keyword in (name, *name.split()):
        assert finds(keyword, searched_text(name))


@given(name=st.text("aeouäöüåøæœđdj ßn.", max_size=12))
def test_a_name_with_umlauts_is_found_with_and_without_them_and_the_other_way_round(
    name: str,
) -> None:
    long = name.translate({ord(letter): two for letter, two in LONG.items()})
    assume(not re.search("aa[ae]", long))  # of which `aa` is one letter, not `ae`
    for one in (name, long):
        for other in (name, long):
            if not long_places(one) > 3 < long_places(other):
                assert finds(other, searched_text(one))


LONG = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "đ": "dj"}


def long_places(name: str) -> int:
    """Count the places of a word that can be written in two ways; most words have few."""
    two_ways = "|".join((*LONG, *LONG.values()))
    return max((len(re.findall(two_ways, word)) for word in name.split()), default=0)


@given(text=anything)
def test_no_text_is_too_odd(text: str) -> None:
    folded = searchable(text)
    assert searchable(folded) == folded
    assert "\0" not in searched_text(text)
    searched_text(text).encode()
    words_of(text)


def test_the_same_people_are_found_on_every_database(session: Session, office: Office) -> None:
    people = {
        name: a_user(session, office.london, name, user_name=f"number.{place}").account_id
        for place, name in enumerate(dict.fromkeys(name for name, _ in (*FOUND, *NOT_FOUND)))
    }
    for name, typed in FOUND:
        assert people[name] in found_by(session, office, typed), (name, typed)
    for name, typed in NOT_FOUND:
        assert people[name] not in found_by(session, office, typed), (name, typed)


@given(name=names, keyword=names)
@on_one_database
def test_a_database_finds_whom_python_would(
    session: Session, office: Office, name: str, keyword: str
) -> None:
    try:
        made = a_user(session, office.london, name, user_name="someone").account_id
        text = derived(user_name="someone", display_name=name, email="someone@example.org")
        for typed in (keyword, name, name[3:9]):
            if words_of(typed):
                found = made in found_by(session, office, typed[:200])
                assert found == finds(typed, text["search_text"])
    finally:
        session.rollback()


def found_by(session: Session, office: Office, keyword: str) -> set[int]:
    made = a_search(session, office.owen.account_id, Purpose.MANAGE, {"keyword": keyword})
    found = selection.results(session, made, domains_searched(session, made), 1, 200)
    return {row.account_id for row in found.rows}
