"""JSON values are asked for by name, and every refusal names file and key."""

import pytest

from smcost.errors import InputError
from smcost.read.json_part import looks_like_json, parse_json


def refusal(ask):
    with pytest.raises(InputError) as caught:
        ask()
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3.0),
        ("-0.25", -0.25),
        ("1e3", 1000.0),
        ("null", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        ("9" * 5000, None),
        ('"NaN"', None),
        ('"nan"', None),
        ('""', None),
        ('"None"', None),
    ],
)
def test_a_number_or_none_in_any_spelling(text, number):
    assert parse_json(f'{{"a": {text}}}', "f").number("a") == number


def test_a_missing_number_is_none():
    assert parse_json("{}", "f").number("a") is None


@pytest.mark.parametrize("text", ["true", '"many"', "[1]", "{}"])
def test_what_is_no_number_is_refused_with_its_place(text):
    error = refusal(lambda: parse_json(f'{{"m": {{"a": {text}}}}}', "f.json").part("m").number("a"))
    assert error.place == "f.json, m.a"
    assert "a number is wanted" in error.cause


@pytest.mark.parametrize("text", ["0", "-1", "null", "NaN"])
def test_a_needed_number_is_above_0(text):
    error = refusal(lambda: parse_json(f'{{"a": {text}}}', "f.json").needed("a"))
    assert "a number above 0 is wanted" in error.cause
    assert error.place == "f.json, a"


def test_parts_know_their_number():
    document = parse_json('{"a": [{"b": {"c": 1}}, {"b": {"c": "x"}}]}', "f.json")
    first, second = document.parts("a")
    assert first.part("b").number("c") == 1
    assert refusal(lambda: second.part("b").number("c")).place == "f.json, a[1].b.c"
    assert document.parts("nothing") == []
    assert document.part("nothing").values == {}
    assert document.text("nothing") is None


@pytest.mark.parametrize("text", ['{"a": 1}', '{"a": "x"}', '{"a": [1]}', '{"a": {"b": 1}}'])
def test_a_list_of_objects_is_that_and_nothing_else(text):
    assert refusal(lambda: parse_json(text, "f").parts("a")).place == "f, a"


def test_an_object_and_a_text_are_that_and_nothing_else():
    document = parse_json('{"a": [1], "b": 2}', "f")
    assert "an object is wanted" in refusal(lambda: document.part("a")).cause
    assert "a text is wanted" in refusal(lambda: document.text("b")).cause


@pytest.mark.parametrize(
    ("text", "cause", "place"),
    [
        ("{", "This is no JSON", "f.json, row 1"),
        ('{"a":\n1,}', "This is no JSON", "f.json, row 2"),
        ("[1]", "The JSON is a list", "f.json"),
        ("[" * 100_000, "This is no JSON", "f.json"),
    ],
)
def test_what_is_no_object_is_refused(text, cause, place):
    error = refusal(lambda: parse_json(text, "f.json"))
    assert error.cause.startswith(cause)
    assert error.place.startswith(place)


def test_json_is_told_from_csv_by_how_it_begins():
    assert looks_like_json('\n  {"a": 1}')
    assert looks_like_json("[1]")
    assert not looks_like_json("a,b\n1,2\n")
