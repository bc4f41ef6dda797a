"""What is said in the channel: inert, within the limits, in order."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import StudyError
from generator.publish.discord.message import (
    REQUEST_BYTES,
    Message,
    Upload,
    inert,
    messages,
    payload_text,
    plain,
    split_text,
    split_uploads,
    upload_names,
)

MIB = 1024 * 1024


def upload(size: int, name: str = "a.pdf") -> Upload:
    return Upload(f"reports/{name}", name, "A", "A report", bytes(size))


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Self-attention, 3.5 × faster", "Self-attention, 3.5 × faster"),
        ("**bold** _it_ `code` ~~no~~", r"\*\*bold\*\* \_it\_ \`code\` \~\~no\~\~"),
        ("||spoiler|| [a](b) <b>", r"\|\|spoiler\|\| \[a\](b) \<b\>"),
        ("# Title", r"\# Title"),
        ("> quoted", r"\> quoted"),
        ("- item", r"\- item"),
        ("1. First", r"1\. First"),
        ("10) tenth", r"10\) tenth"),
        (r"back\slash", r"back\\slash"),
        ("@everyone and @here", "@\u200beveryone and @\u200bhere"),
        ("<@123> <@&4> <#5> <:x:6> </y:7>", r"\<@​123\> \<@​&4\> \<\#5\> \<:x:6\> \</y:7\>"),
        ("https://example.org", r"https:\//example.org"),
        ("two\nlines\tand\x07bell", "two lines and bell"),
        ("a\u202eb", "ab"),
        ("크기를 맞춘 내적", "크기를 맞춘 내적"),
    ],
)
def test_a_title_shows_letter_by_letter(title: str, said: str) -> None:
    assert inert(title) == said


@given(st.text())
def test_no_text_can_mention_anybody_or_begin_markup(text: str) -> None:
    said = inert(text)
    assert not re.search(
        r"@(everyone|here)|(?<!\\)(?:\\\\)*[<*_`|~\[#]|https?://|[\x00-\x1f]", said
    )
    assert "\n" not in said
    # Discord takes each backslash before a mark away, and the reader sees the title itself.
    shown = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", said).replace("@\u200b", "@")
    assert shown == plain(text).replace("@\u200b", "@")


def test_nobody_is_ever_pinged() -> None:
    assert Message("hello").payload()["allowed_mentions"] == {"parse": []}


def test_a_text_is_split_where_a_paragraph_ends_and_nothing_is_lost() -> None:
    paragraphs = ["word " * 150 + str(n) for n in range(6)]
    pieces = split_text("\n\n".join(paragraphs))
    assert [len(piece) <= 2000 for piece in pieces] == [True] * 3
    assert "\n\n".join(pieces) == "\n\n".join(paragraphs)


def test_two_thousand_code_points_fit_and_one_more_does_not() -> None:
    assert len(split_text("🙂" * 2000)) == 1
    assert [len(piece) for piece in split_text("🙂" * 2001)] == [2000, 1]


def test_a_cut_never_parts_a_backslash_from_its_mark() -> None:
    pieces = split_text("a" * 1999 + r"\*" * 100)
    assert "".join(pieces) == "a" * 1999 + r"\*" * 100
    assert not pieces[0].endswith("\\")


@given(st.text(alphabet="ab\\* \n", max_size=9000))
def test_any_text_is_split_within_the_limit_without_losing_a_word(text: str) -> None:
    pieces = split_text(text)
    assert all(len(piece) <= 2000 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_ten_files_go_into_one_message_and_the_eleventh_into_the_next() -> None:
    assert [len(group) for group in split_uploads([upload(1)] * 10)] == [10]
    assert [len(group) for group in split_uploads([upload(1)] * 23)] == [10, 10, 3]


def test_a_request_stays_under_its_limit_and_files_keep_their_order() -> None:
    files = [upload(size * MIB, f"{size}.pdf") for size in (9, 8, 7, 9, 9, 1)]
    groups = split_uploads(files)
    assert [file for group in groups for file in group] == files
    assert all(sum(len(file.content) for file in group) < REQUEST_BYTES for group in groups)
    assert [len(group) for group in groups] == [3, 3] or len(groups) == 2


def test_files_go_with_the_last_piece_of_a_long_text() -> None:
    whole = messages("a " * 1500, [upload(1)] * 12, 10 * MIB)
    assert [(bool(m.content), len(m.uploads)) for m in whole] == [(True, 0), (True, 10), (False, 2)]


def test_a_file_too_large_is_refused_with_its_size_and_what_would_help() -> None:
    with pytest.raises(StudyError, match=r"is 10\.5 MiB, the channel takes 10\.0 MiB a file") as e:
        messages("x", [upload(10 * MIB + MIB // 2)], 10 * MIB)
    assert "channel_limit_mib" in e.value.hint
    assert str(e.value.where) == "reports/a.pdf"


def test_a_file_larger_than_any_request_is_refused_whatever_the_setting() -> None:
    with pytest.raises(StudyError, match="the channel takes 24") as e:
        messages("x", [upload(26 * MIB)], 100 * MIB)
    assert "channel_limit_mib" not in e.value.hint


def test_a_boosted_server_takes_larger_files() -> None:
    assert len(messages("x", [upload(20 * MIB)], 50 * MIB)) == 1


def test_names_that_would_not_arrive_are_replaced_and_none_stands_twice() -> None:
    names = [
        ("week-07.pdf", "a.pdf"),
        ("주의 집중.pdf", "week-08.pdf"),
        ("with space.pdf", "week-09.pdf"),
        ("same.pdf", "week-10-1.pdf"),
        ("same.pdf", "week-10-2.pdf"),
    ]
    assert upload_names(names) == [
        "week-07.pdf", "week-08.pdf", "week-09.pdf", "week-10-1.pdf", "week-10-2.pdf",
    ]  # fmt: skip


def test_equal_messages_have_equal_digests_and_any_change_shows() -> None:
    one = Message("x", (upload(3),))
    assert one.digest() == Message("x", (upload(3),)).digest()
    assert one.digest() != Message("x", (upload(4),)).digest()
    assert one.digest() != Message("y", (upload(3),)).digest()


def test_the_payload_keeps_korean_legible() -> None:
    assert "어텐션" in payload_text(Message("어텐션").payload())
