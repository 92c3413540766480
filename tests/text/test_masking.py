"""Secrets out of texts and streams: by value, whole, wherever the pieces of a stream begin and end.

`TASKER_SWEEP=100000` generates that many cases instead of 20,000.
"""

import os
import random
import time
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasker.text.masking import MASK, Masker
from tasker.text.spellings import spellings

SWEEP = int(os.environ.get("TASKER_SWEEP", 20_000))
VALUES = st.lists(st.text("ab'\n\"é\\", min_size=1, max_size=7), min_size=1, max_size=4)


def streamed(values, data, cuts):
    """What a stream of these bytes looks like behind the masker, cut at these places."""
    stream, made, at = Masker(values).stream(), [], 0
    for cut in sorted(cuts):
        made.append(stream.feed(data[at:cut]))
        at = max(at, cut)
    return b"".join([*made, stream.feed(data[at:]), stream.end()])


def covered(wanted, data):
    """The simplest way to say it: which bytes belong to an occurrence, and where a mask begins."""
    spans = sorted(
        (at, at + len(one)) for one in wanted for at in range(len(data) - len(one) + 1) if data.startswith(one, at)
    )
    made, end = b"", 0
    for start, stop in spans:
        if start >= end:
            made += data[end:start] + MASK.encode()
        end = max(end, stop)
    return made + data[end:]


@settings(max_examples=300, deadline=None)
@given(VALUES, st.text("ab'\n\"é\\", max_size=60), st.lists(st.integers(0, 80), max_size=8))
@example(["abab"], "ababab", [3])
@example(["abaaba"], "abaabaabaabaaba", [1, 2])
@example(["abab", "babb"], "ababb", [2])
@example(["ab", "abb", "b"], "abbab", [1])
@example(["a\nb"], "a\nb", [2])
def test_a_stream_is_masked_as_the_whole_would_be_wherever_it_is_cut(values, text, cuts):
    wanted = {form.encode() for value in values for form in spellings(value)}

    assert covered(wanted, text.encode()) == streamed(values, text.encode(), cuts)


@pytest.mark.parametrize(
    ("secret", "text", "masked"),
    [
        ("111211", "111211111211", "********"),  # ended in 11211 with the `re` of Python 3.11.2
        ("111211", "1112111211", "****"),
        ("111211", "11121111211", "****"),
        ("111211", "x111211 111211y", "x**** ****y"),
        ("abab", "ab" * 5000 + "a", "****a"),  # more turns than one match takes
        ("aa", "a" * 10_001, "****"),
    ],
)
def test_occurrences_that_overlap_are_one_and_others_are_not(secret: str, text: str, masked: str) -> None:
    assert Masker([secret]).text(text) == masked
    assert streamed([secret], text.encode(), []) == masked.encode()


def test_secrets_that_overlap_with_themselves_and_each_other_are_masked_as_the_simplest_way_does() -> None:
    """Of two characters alone, so that nearly all of them overlap."""
    rng = random.Random(20)
    for _ in range(SWEEP):
        values = {"".join(rng.choices("12", k=rng.randint(1, 8))) for _ in range(rng.randint(1, 3))}
        text = "".join(rng.choice([*sorted(values), "1", "2", "3"]) for _ in range(rng.randint(1, 8)))

        assert Masker(values).text(text).encode() == covered([one.encode() for one in values], text.encode()), (
            values,
            text,
        )


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60), st.lists(st.integers(0, 140), max_size=8))
def test_one_secret_among_any_bytes_is_replaced(before, after, cuts):
    data = before + b"hunter2!" + after + b"hunter2!"

    assert data.replace(b"hunter2!", b"****") == streamed(["hunter2!"], data, cuts)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.text("ab'\n\"é\\", max_size=60))
def test_a_text_is_masked_as_its_bytes_are(values, text):
    assert streamed(values, text.encode(), []).decode() == Masker(values).text(text)


@pytest.mark.parametrize(
    "shown",
    [
        'it\'s "a" ü\tb',
        "'it'\\''s \"a\" ü\tb'",
        'it\'s "a" ü\\tb',
        '{"x":"it\'s \\"a\\" ü\\tb"}',
        '{"x":"it\'s \\"a\\" \\u00fc\\tb"}',
        repr('it\'s "a" ü\tb'),
    ],
)
def test_a_secret_is_found_however_we_quote_it(shown):
    masked = Masker(['it\'s "a" ü\tb']).text(f"before {shown} after")

    assert MASK in masked and "it" not in masked
    assert masked.startswith("before ") and masked.endswith(" after")


def test_a_stream_holds_back_less_than_the_longest_secret():
    stream = Masker(["hunter2!", "abc"]).stream()

    longest = max(len(form) for value in ("hunter2!", "abc") for form in spellings(value))  # in base64

    assert stream.feed(b"x" * 100) == b"x" * (101 - longest)
    assert stream.end() == b"x" * (longest - 1)


def test_a_document_keeps_its_own_words():
    doc = {"kind": "result", "outcome": "failed", "reason": "failed it", "argv": ["failed"], "more": {"x": ["failed"]}}

    masked = Masker(["failed"]).document(doc)

    assert masked == {**doc, "reason": "**** it", "argv": ["****"], "more": {"x": ["****"]}}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("it said hunter2-x…", "it said ****…"),
        ("it said hunt…", "it said ****…"),
        ("it said hun…", "it said hun…"),  # nothing is known by three characters
        ("…er2-xyz! it said", "…**** it said"),
        ("it said “hunter2-x…”, and “hunter2…”", "it said “****…”, and “****…”"),
        ("hunter2-xyz!…hunter2-xyz!", "****…****"),
        ("hunter hunter2-…", "hunter ****…"),
        ("huntehunter2…", "hunte****…"),
        ("!xyz!… xyz!…", "!xyz!… xyz!…"),  # an end stands after a cut, not before
        ("first one\\nseco…", "****\\n****…"),
        ("aHVudGVyMi14…", "****…"),  # base64
    ],
)
def test_what_a_cut_has_left_of_a_secret_is_masked(text: str, masked: str) -> None:
    masker = Masker(["hunter2-xyz!", "first one\nsecond"])

    assert masker.shortened(text) == masked
    assert masker.shortened_document({"message": text, "kind": text}) == {"message": masked, "kind": text}
    assert Masker([]).shortened(text) == text


@given(st.text("ab", min_size=4, max_size=12), st.text("ab", max_size=12), st.integers(0, 24))
def test_no_four_characters_of_a_secret_stay_at_a_cut(secret: str, before: str, at: int) -> None:
    whole = before + secret
    cut = Masker([secret]).cut_text(whole[:at], back=True)

    assert not any(cut.endswith(secret[:size]) for size in range(4, len(secret) + 1))
    cut = Masker([secret]).cut_text((secret + before)[at:], front=True)
    assert not any(cut.startswith(secret[-size:]) for size in range(4, len(secret) + 1))


def test_without_secrets_nothing_is_looked_at():
    doc = {"stdout": "text"}

    assert Masker([]).stream() is None
    assert Masker([]).document(doc) is doc


@pytest.mark.parametrize("secret", ["a" * 16_000, "ab" * 8_000, ("a" * 100 + "b") * 150])
def test_a_secret_that_repeats_itself_costs_no_more_than_another(secret):
    began = time.process_time()
    data = (secret * 3 + "x").encode()

    assert streamed([secret], data, range(0, len(data), 1000)) == b"****x"
    assert time.process_time() - began < 6


def test_a_text_that_is_one_long_overlap_is_masked_in_linear_time_and_little_memory() -> None:
    text = "aba" + "ba" * 1_000_000
    began = time.process_time()
    tracemalloc.start()
    try:
        masked = Masker(["aba"]).text(text)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert masked == "****"
    assert time.process_time() - began < 3
    assert most < 2_000_000, most


def test_masking_is_linear_in_the_output():
    rng = random.Random(1)
    values = ["correct horse battery", "tok-12345678", "abababab"]
    clean = b"".join(b"a line of output, %d of them\n" % rng.randrange(10**6) for _ in range(10_000))
    lines = clean * 20 + (clean + b"correct horse battery tok-12345678\n" + b"ab" * 100) * 20
    began = time.process_time()

    masked = streamed(values, lines, range(0, len(lines), 65536))

    assert masked.count(b"****") == 60
    assert not any(value.encode() in masked for value in values)
    assert time.process_time() - began < 3  # of about 12 MB: 0.05 s on a machine that is free
