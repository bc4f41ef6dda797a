"""`study post` against a Discord of our own: once, edited after, and every refusal understood.

`Poster.run` looks for the webhook's secret in every output, log and traceback of each run, and
fails on any complaint of the server about a request.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from generator.digest import digest_bytes
from generator.errors import StudyError
from generator.publish.discord.announcement import week_messages
from generator.publish.discord.template import message_text
from generator.study.load import load_study
from tests.discord_server import (
    OPENAPI,
    PASSING,
    POSTED_UNSEEN,
    REFUSED,
    TOKEN,
    WEBHOOK_ID,
    Discord,
    Server,
    schema_problems,
)
from tests.discord_study import KOREAN, Poster, build, write_study

ROOT = Path(__file__).parent.parent


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(Discord())
    yield server
    server.close()


@pytest.fixture
def poster(tmp_path: Path, server: Server) -> Poster:
    return Poster(write_study(tmp_path / "study"), server)


@pytest.mark.skipif(not OPENAPI.exists(), reason="Discord's OpenAPI extract is not beside the repo")
def test_the_server_knows_a_wrong_request_by_the_schema_of_incoming_webhooks() -> None:
    name = "IncomingWebhookRequestPartial"
    assert schema_problems({"content": "x", "attachments": [{"id": "0"}]}, name) == []
    assert schema_problems({"content": "x" * 2001}, name)
    assert schema_problems({"attachments": [{"id": 0}]}, name)
    assert schema_problems({"attachments": [{"title": "x"}]}, name)
    assert schema_problems({"allowed_mentions": {"parse": ["all"]}}, name)
    assert schema_problems({"nonce": "x"}, name)
    assert schema_problems({"thread_name": "x"}, "IncomingWebhookUpdateRequestPartial")


# ---------------------------------------------------------------- once


def test_the_right_bytes_arrive_under_plain_names_with_their_real_titles(poster: Poster) -> None:
    done = poster.run("7")
    (message,) = poster.discord.messages.values()
    assert (done.code, done.stdout) == (0, f"{message.id}\n")
    said, contents = zip(*message.files, strict=True)
    folder = poster.root / "reports" / "week-07"
    assert list(contents) == [
        (folder / "week-07.pdf").read_bytes(), (folder / "week-07.ko.pdf").read_bytes(),
    ]  # fmt: skip
    assert [item["filename"] for item in said] == ["week-07.pdf", "week-07.ko.pdf"]
    assert [item["title"] for item in said] == ["Week 7: Heat in a rod", f"7주차: {KOREAN}"]
    assert "Heat in a rod. See what happens." in said[0]["description"]
    assert message.content == (
        "## Week 7: Heat in a rod\n**Objective** See what happens\n**Progress** Watched it cool"
    )


def test_a_second_run_sends_nothing_and_says_so(poster: Poster) -> None:
    poster.run()
    before = list(poster.discord.requests)
    done = poster.run()
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr == "week-07: nothing changed since it was posted; nothing was sent\n"
    assert poster.discord.requests == before


def test_a_new_pdf_replaces_the_old_one_in_the_same_message(poster: Poster) -> None:
    first = poster.run().stdout
    build(poster.root, 7, b"second")
    done = poster.run()
    (message,) = poster.discord.messages.values()
    assert done.stdout == first
    assert [b"second" in content for _, content in message.files] == [True, True]
    assert message.edits == 1
    assert poster.run().stdout == ""


def test_after_a_lost_answer_to_an_edit_the_edit_is_simply_repeated(poster: Poster) -> None:
    poster.run()
    build(poster.root, 7, b"second")
    done = poster.run(faults=["drop", "500", "429", "502"])
    (message,) = poster.discord.messages.values()
    assert done.code == 0
    assert len(message.files) == 2
    assert "second" in str(message.files)


def test_nothing_is_asked_for_when_nothing_is_to_be_sent(poster: Poster) -> None:
    poster.run()
    assert poster.run(url="").code == 0
    build(poster.root, 7, b"second")
    done = poster.run(url="")
    assert done.code == 1
    assert "DISCORD_WEBHOOK_URL" in done.stderr


def test_a_dry_run_prints_all_that_would_be_sent_and_sends_nothing(poster: Poster) -> None:
    done = poster.run("--dry-run")
    assert done.code == 0
    assert done.stdout.startswith(
        "week-07, message 1: post\n  | Week 7: Heat in a rod\n  | Objective See what happens\n"
        "  | Progress Watched it cool\n"
        "  + Week 7: Heat in a rod (week-07.pdf, 23 bytes)\n"
    )
    assert "23 bytes)\nPOST /webhooks/…/…?wait=true\n{" in done.stdout
    assert "files[1]: reports/week-07/week-07.ko.pdf as week-07.ko.pdf, 23 bytes" in done.stdout
    assert poster.discord.requests == []
    assert not (poster.root / "discord.json").exists()
    poster.run()
    (message,) = poster.discord.messages.values()
    payload = done.stdout[done.stdout.index("{") : done.stdout.rindex("}") + 1]
    assert json.loads(payload) == message.payload
    assert "nothing to send" in poster.run("--dry-run").stdout
    build(poster.root, 7, b"second")
    assert f"PATCH /webhooks/…/…/messages/{message.id}\n" in poster.run("--dry-run").stdout


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize("fault", POSTED_UNSEEN)
def test_what_may_have_been_posted_is_said_kept_and_never_sent_again(
    poster: Poster, fault: str
) -> None:
    pace = ("--deadline", "0.3", "--retry-wait", "0.01")
    done = poster.run(faults=[fault], pace=pace)
    assert done.code == 3
    assert done.stderr.startswith("error: discord.json: week-07: the message may be in the channel")
    assert done.stderr.count("\n") == 2
    assert "unsettled" in poster.state()["week-07"][0]
    again = poster.run()
    assert (again.code, len(poster.discord.requests)) == (3, 1)
    assert poster.run("--dry-run").code == 3
    (message,) = poster.discord.messages
    assert poster.run("--settle", f"posted={message}").code == 0
    build(poster.root, 7, b"second")
    assert poster.run().stdout == f"{message}\n"
    assert len(poster.discord.messages) == 1


@pytest.mark.parametrize("fault", REFUSED)
def test_a_refusal_is_one_clear_line_and_leaves_the_way_free(poster: Poster, fault: str) -> None:
    done = poster.run(faults=[fault])
    assert done.code == 1
    assert done.stderr.splitlines()[0].startswith("error: Discord ")
    assert "\x1b[31" not in done.stderr
    assert len(poster.discord.requests) == 1
    assert poster.state() == {}
    assert poster.run().code == 0
    assert len(poster.discord.messages) == 1


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("times", [1, 2])
def test_what_passes_is_waited_for(poster: Poster, fault: str, times: int) -> None:
    done = poster.run(faults=[fault] * times)
    assert done.code == 0
    assert done.stderr.count("trying again in") == times
    assert len(poster.discord.messages) == 1


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_is_given_up(poster: Poster, fault: str) -> None:
    done = poster.run(faults=[fault] * 50)
    assert done.code == 1
    assert "tried 5 times" in done.stderr
    assert len(poster.discord.requests) == 5
    assert poster.state() == {}
    assert poster.run().code == 0


def test_a_pause_is_as_long_as_asked_for_and_never_past_the_deadline(poster: Poster) -> None:
    done = poster.run(faults=["429-long"])
    assert "a pause of 3600.5 s (429), longer than --deadline allows; tried once" in done.stderr


def test_nested_field_errors_are_told_one_by_one(poster: Poster) -> None:
    done = poster.run(faults=["400"])
    assert (
        "content: Must be 2000 or fewer in length.; attachments.0.title: Bad title. "
        "(400, code 50035)" in done.stderr
    )


def test_a_webhook_that_is_gone_is_said_with_what_to_do(poster: Poster) -> None:
    done = poster.run(faults=["404"])
    assert "Discord refused: Unknown Webhook (404, code 10015)" in done.stderr
    assert "make a new webhook" in done.stderr


@pytest.mark.parametrize("fault", ["503", "500"])
def test_a_server_that_fails_after_a_post_leaves_a_doubt(poster: Poster, fault: str) -> None:
    assert poster.run(faults=[fault]).code == 3


def test_a_closed_port_is_tried_again_and_nothing_is_left_behind(poster: Poster) -> None:
    poster.server.close()
    done = poster.run()
    assert done.code == 1
    assert "no connection" in done.stderr
    assert "tried 5 times" in done.stderr
    assert poster.state() == {}


def test_a_connection_that_drops_at_once_leaves_a_doubt(poster: Poster) -> None:
    assert poster.run(faults=["drop-before"]).code == 3
    assert poster.run("--settle", "not-posted").code == 0
    assert poster.run().code == 0
    assert len(poster.discord.messages) == 1


def self_signed(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 in one file."""
    pem = folder / "self.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pem),
         "-out", str(folder / "cert.pem"), "-days", "2"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    pem.write_bytes(pem.read_bytes() + (folder / "cert.pem").read_bytes())
    return pem


def test_a_certificate_is_checked_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(Discord(), self_signed(tmp_path))
    poster = Poster(write_study(tmp_path / "study"), server)
    done = poster.run()
    assert done.code == 1
    assert "the server's certificate is not valid: self-signed certificate" in done.stderr
    assert poster.state() == {}
    assert server.discord.requests == []
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    assert poster.run().code == 0
    assert len(server.discord.messages) == 1
    server.close()


def test_a_proxy_never_sees_what_is_meant_for_this_machine(
    poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert poster.run().code == 0


def test_a_proxy_that_cannot_be_used_is_said_and_leaves_no_doubt(
    poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:9")
    done = poster.run(url=f"https://discord.com/api/webhooks/1/{TOKEN}")
    assert done.code == 1
    assert "the proxy that the environment names cannot be used" in done.stderr
    assert poster.state() == {}


def test_an_unknown_host_is_refused_before_anything_is_sent(poster: Poster) -> None:
    done = poster.run(url=f"https://example.org/api/webhooks/1/{TOKEN}")
    assert done.code == 1
    assert "leads to example.org, expected discord.com" in done.stderr
    assert not (poster.root / "discord.json").exists()


# ---------------------------------------------------------------- the secret


def test_the_address_may_come_from_a_file_or_from_standard_input(
    poster: Poster, tmp_path: Path
) -> None:
    file = tmp_path / "hook"
    file.write_text(poster.server.address() + "\n")
    file.chmod(0o644)
    done = poster.run("--webhook-file", str(file), url="")
    assert done.code == 0
    assert done.stderr.startswith(
        f"warning: others on this machine may read hook: chmod 600 {file}\n"
    )
    build(poster.root, 7, b"second")
    given = poster.server.address() + "\n"
    assert poster.run("--webhook-file", "-", url="", stdin=given).stderr.startswith("week-07: edit")


def test_a_file_that_is_not_there_is_said(poster: Poster) -> None:
    assert "cannot read the webhook's file" in poster.run("--webhook-file", "/nowhere").stderr


def test_no_option_takes_the_address(poster: Poster) -> None:
    assert poster.run("--webhook-url", "x").code == 2


# ---------------------------------------------------------------- settled by hand


def test_settling_needs_a_message_and_something_to_settle(poster: Poster) -> None:
    for nothing in ("perhaps", "posted=abc"):  # the verdict is told first: nothing is uncertain yet
        refused = poster.run("--settle", nothing)
        assert (refused.code, "takes posted=NUMBER" in refused.stderr) == (1, True)
    assert poster.run("--settle", "not-posted").code == 1
    poster.run(faults=["drop"])
    (message,) = poster.discord.messages
    assert "posted=LINK" in poster.run("--settle", "posted=abc").stderr
    for command in ("list", "check"):
        said = CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["-C", str(poster.root), command])
        assert "week-07: the message may be in the channel, or not" in said.stderr
        assert "study post --settle not-posted week-07" in said.stderr
    link = f"https://discord.com/channels/1/2/{message}"
    assert poster.run("--settle", f"posted={link}", "7").code == 0
    assert poster.state()["week-07"][0]["message"] == message


def test_the_number_of_another_weeks_message_is_not_taken(tmp_path: Path, server: Server) -> None:
    poster = Poster(write_study(tmp_path / "study", [6, 7]), server)
    other = poster.run("6").stdout.strip()
    poster.run("7", faults=["drop"])
    assert "already that of week-06" in poster.run("--settle", f"posted={other}").stderr
    assert "week-07: still uncertain" in poster.run("6").stderr


def test_two_doubts_are_settled_one_at_a_time(tmp_path: Path, server: Server) -> None:
    poster = Poster(write_study(tmp_path / "study", [6, 7]), server)
    poster.run("6", faults=["drop"])
    poster.run("week-07", faults=["drop-before"])
    assert "one week at a time" in poster.run("--settle", "not-posted").stderr
    assert poster.run("--settle", "not-posted", "7").code == 0
    assert poster.run("7").code == 0
    assert poster.run("6").code == 3


def test_a_wrong_number_given_to_settle_never_leads_to_a_second_post(poster: Poster) -> None:
    poster.run(faults=["drop"])
    assert poster.run("--settle", "posted=123456789").code == 0
    build(poster.root, 7, b"second")
    done = poster.run()
    assert done.code == 1
    assert "knows no message 123456789" in done.stderr
    assert len(poster.discord.messages) == 1


# ---------------------------------------------------------------- deleted, replaced


def test_a_message_that_was_deleted_is_said_and_posted_anew(poster: Poster) -> None:
    poster.run()
    poster.discord.messages.clear()
    build(poster.root, 7, b"second")
    done = poster.run()
    assert done.code == 0
    assert "was deleted in Discord; posting it anew" in done.stderr
    assert len(poster.discord.messages) == 1
    assert poster.run().stdout == ""


def test_another_webhook_does_not_post_a_second_message(poster: Poster) -> None:
    poster.run()
    poster.discord.webhooks["998877"] = TOKEN
    other = poster.server.address("998877")
    assert poster.run(url=other).code == 0
    build(poster.root, 7, b"second")
    done = poster.run(url=other)
    assert done.code == 1
    assert "was posted by another webhook" in done.stderr
    assert len(poster.discord.messages) == 1
    poster.discord.messages.clear()
    assert "forgotten" in poster.run("--settle", "not-posted", "7").stderr
    assert poster.run(url=other).code == 0
    assert len(poster.discord.messages) == 1
    assert WEBHOOK_ID not in (poster.root / "discord.json").read_text()


def test_a_damaged_state_stops_everything(poster: Poster) -> None:
    poster.run()
    for damage in ("<<<<<<< HEAD", "{}", '{"contract": 9, "weeks": {}}', "[]", '{"contract": 1}'):
        (poster.root / "discord.json").write_text(damage)
        done = poster.run()
        assert done.code == 1
        assert "discord.json: is damaged" in done.stderr
    assert len(poster.discord.messages) == 1


# ---------------------------------------------------------------- where


def test_a_thread_is_posted_to_and_edited_in(tmp_path: Path, server: Server) -> None:
    server.discord.threads.add("555")
    poster = Poster(write_study(tmp_path / "study", publishing='thread_id = "555"'), server)
    poster.run()
    (message,) = poster.discord.messages.values()
    assert message.thread == "555"
    write_study(poster.root, publishing="")  # where new weeks go does not move old ones
    build(poster.root, 7, b"second")
    assert poster.run().code == 0
    assert message.edits == 1


def test_a_forum_gets_one_post_with_its_title(tmp_path: Path) -> None:
    server = Server(Discord(forum=True))
    poster = Poster(write_study(tmp_path / "study", publishing='thread_name = "{title}"'), server)
    assert poster.run().code == 0
    (message,) = poster.discord.messages.values()
    assert message.payload["thread_name"] == "Week 7: Heat in a rod"
    build(poster.root, 7, b"second")
    assert poster.run().code == 0
    assert message.edits == 1
    poster.discord.messages.clear()
    poster.discord.threads.clear()
    build(poster.root, 7, b"third")
    assert "posting it anew" in poster.run().stderr
    assert len(poster.discord.messages) == 1
    server.close()


def test_a_forum_without_a_name_is_explained(tmp_path: Path) -> None:
    server = Server(Discord(forum=True))
    done = Poster(write_study(tmp_path / "study"), server).run()
    assert "220001" in done.stderr
    assert "publishing.thread_name" in done.stderr
    server.close()


def test_an_uncertain_forum_post_is_settled_by_its_link(tmp_path: Path) -> None:
    server = Server(Discord(forum=True))
    poster = Poster(write_study(tmp_path / "study", publishing='thread_name = "{title}"'), server)
    assert poster.run(faults=["drop"]).code == 3
    (message,) = poster.discord.messages.values()
    poster.run("--settle", f"posted=https://discord.com/channels/9/{message.thread}/{message.id}")
    build(poster.root, 7, b"second")
    assert poster.run().code == 0
    assert message.edits == 1
    server.close()


@pytest.mark.parametrize(
    ("publishing", "why"),
    [
        ('thread_id = "5"\nthread_name = "x"', "are both set"),
        ('thread_id = "my thread"', "expected a number"),
        ('thread_name = "{week}"', "found {week}, expected {title}"),
        (f'thread_name = "{"x" * 101}"', "has 101 characters"),
        ("channel_limit_mib = 0.00001", "is 0.0 MiB, the channel takes"),
    ],
)
def test_settings_that_discord_would_refuse_are_refused_first(
    tmp_path: Path, server: Server, publishing: str, why: str
) -> None:
    poster = Poster(write_study(tmp_path / "study", publishing=publishing), server)
    done = poster.run()
    assert done.code == 1
    assert why in done.stderr
    assert poster.discord.requests == []


# ---------------------------------------------------------------- several messages


def long_study(root: Path) -> Path:
    return write_study(root, progress="A long way. " * 400)


def test_a_long_text_becomes_several_messages_in_order(tmp_path: Path, server: Server) -> None:
    poster = Poster(long_study(tmp_path / "study"), server)
    done = poster.run()
    assert done.stdout.split() == list(poster.discord.messages)
    whole = list(poster.discord.messages.values())
    assert [len(message.files) for message in whole] == [0, 0, 2]
    assert " ".join(poster.contents()).count("A long way.") == 400


def test_a_doubt_in_the_middle_stops_what_follows(tmp_path: Path, server: Server) -> None:
    poster = Poster(long_study(tmp_path / "study"), server)
    done = poster.run(faults=["", "drop"])
    assert done.code == 3
    assert "week-07: message 2 may be in the channel" in done.stderr
    assert len(poster.discord.messages) == 2
    assert poster.run("--settle", f"posted={list(poster.discord.messages)[1]}").code == 0
    assert poster.run().code == 0
    assert len(poster.discord.messages) == 3
    assert poster.run().stdout == ""


def test_a_text_that_became_short_leaves_no_message_behind(tmp_path: Path, server: Server) -> None:
    poster = Poster(long_study(tmp_path / "study"), server)
    poster.run()
    write_study(poster.root)
    done = poster.run()
    assert done.code == 0
    assert done.stderr.count("removed message") == 2
    assert len(poster.discord.messages) == 1
    long_study(poster.root)
    assert poster.run().code == 0
    assert len(poster.discord.messages) == 3


def test_all_parts_of_a_forum_post_lie_in_one_thread(tmp_path: Path) -> None:
    server = Server(Discord(forum=True))
    root = write_study(tmp_path / "s", progress="Long. " * 900, publishing='thread_name = "T"')
    assert Poster(root, server).run().code == 0
    whole = list(server.discord.messages.values())
    assert len(whole) > 1
    assert {message.thread for message in whole} == {whole[0].id}
    server.close()


# ---------------------------------------------------------------- what is said, and when


def test_markup_and_mentions_in_a_title_are_inert(tmp_path: Path, server: Server) -> None:
    title = "@everyone **loud** <@123> [x](https://example.org)"
    poster = Poster(write_study(tmp_path / "study", title=title), server)
    poster.run()
    assert poster.contents()[0].splitlines()[0] == (
        "## Week 7: @​everyone \\*\\*loud\\*\\* \\<@​123\\> \\[x\\](https:\\//example.org)"
    )
    (message,) = poster.discord.messages.values()
    assert message.files[0][0]["title"] == f"Week 7: {title}"


def test_each_reader_sees_the_meeting_in_their_own_zone(tmp_path: Path, server: Server) -> None:
    root = write_study(tmp_path / "study", dates={7: "2026-03-04"})
    poster = Poster(root, server)
    poster.run("--today", "2026-03-01")
    # 21:00 in Seoul is 12:00 UTC.
    assert "**Meeting** <t:1772625600:F> (<t:1772625600:R>), online" in poster.contents()[0]


def test_the_next_meetings_week_is_posted(tmp_path: Path, server: Server) -> None:
    dates = {6: "2026-02-25", 7: "2026-03-04", 8: "2026-03-11"}
    poster = Poster(write_study(tmp_path / "study", [6, 7, 8], dates=dates), server)
    for today, week in (("2026-02-26", 7), ("2026-03-04", 7), ("2026-03-05", 8), ("2025-01-01", 6)):
        assert f"week-{week:02}, message 1" in poster.run("-n", "--today", today).stdout
    assert "no meeting on or after 2026-03-12" in poster.run("--today", "2026-03-12").stderr
    assert poster.run("--today", "soon").code == 2


def test_without_dates_the_newest_done_week_is_posted(tmp_path: Path, server: Server) -> None:
    poster = Poster(write_study(tmp_path / "study", [5, 6, 7]), server)
    toml = poster.root / "study.toml"
    text = toml.read_text().replace('status = "done"\n', 'status = "planned"\n')
    toml.write_text(text.replace("planned", "done", 2))
    assert "week-06, message 1" in poster.run("-n").stdout


def test_a_korean_study_is_announced_in_korean(tmp_path: Path) -> None:
    root = write_study(tmp_path / "study", dates={7: "2026-03-04"})
    toml = root / "study.toml"
    text = toml.read_text("utf-8").replace('["en", "ko"]', '["ko", "en"]\nunit = "{n}주차"')
    toml.write_text(text.replace("number = 7", 'number = 7\nid = "week-07"'), "utf-8")
    (root / "reports/week-07/report.ko.md").unlink()
    study = load_study(root)
    said = message_text(root, study, study.weeks[0], [])
    assert said.splitlines()[0] == f"## 7주차: {KOREAN}"
    assert "**모임** <t:1772625600:F>" in said


def test_a_study_may_be_announced_in_its_second_language(tmp_path: Path) -> None:
    root = write_study(tmp_path / "study", publishing='language = "ko"')
    study = load_study(root)
    said = message_text(root, study, study.weeks[0], [])
    assert KOREAN in said.splitlines()[0]


def test_links_are_encoded(tmp_path: Path, server: Server) -> None:
    publishing = 'base_url = "https://example.org/a b"\npdf_name = "{id} ({title}).pdf"'
    poster = Poster(write_study(tmp_path / "study", publishing=publishing), server)
    done = poster.run("-n")
    assert "is not up to date: its name changed" in done.stderr
    write_study(poster.root, publishing='base_url = "https://example.org/a b"')
    poster.run()
    link = "[PDF, 한국어](<https://example.org/a%20b/reports/week-07/week-07.ko.pdf>)"
    assert link in poster.contents()[0]


def test_a_group_restyles_the_message_with_its_own_template(poster: Poster) -> None:
    (poster.root / "templates").mkdir()
    template = poster.root / "templates" / "discord.md.j2"
    template.write_text("{{ heading }} now\n")
    poster.run()
    assert poster.contents() == ["Week 7 now"]
    template.write_text("{{ heading }}\n{{ nothing }}\n")
    assert "discord.md.j2:2: the template fails: 'nothing' is undefined" in poster.run().stderr
    template.write_text("{{ heading }}\n{% if %}\n")
    assert "templates/discord.md.j2:2: " in poster.run().stderr
    template.write_text("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")
    assert "discord.md.j2:1: the template fails: it calls itself" in poster.run().stderr
    template.write_text("{{ ''.__class__.__mro__ }}")
    assert poster.run().code == 1


@pytest.mark.parametrize("damage", ["missing", "other bytes", "text changed", "never built"])
def test_a_stale_pdf_is_not_posted(poster: Poster, damage: str) -> None:
    folder = poster.root / "reports" / "week-07"
    if damage == "missing":
        (folder / "week-07.ko.pdf").unlink()
    elif damage == "other bytes":
        (folder / "week-07.pdf").write_bytes(b"something else")
    elif damage == "text changed":
        (folder / "report.md").write_text("# Other text\n")
    else:
        (poster.root / "figures" / "week-07" / "record.json").unlink()
    done = poster.run()
    assert done.code == 1
    assert "week-07 is not up to date" in done.stderr
    assert "study build week-07" in done.stderr
    assert poster.discord.requests == []


def test_the_real_week_7_arrives_whole_in_both_languages(tmp_path: Path, server: Server) -> None:
    study = load_study(ROOT)
    (week,) = [week for week in study.weeks if week.number == 7]
    paths = [ROOT / "reports/week-07/week-07.pdf", ROOT / "reports/week-07/week-07.ko.pdf"]
    if not all(path.exists() for path in paths):
        pytest.skip("week 7 is not built here")
    # The study's own files, in a folder where discord.json may be written.
    for path in ROOT.iterdir():
        if path.name not in (".study", "discord.json"):
            (tmp_path / path.name).symlink_to(path)
    try:
        (message,) = week_messages(tmp_path, study, week)
    except StudyError as error:
        pytest.skip(f"week 7 is not up to date here: {error}")
    poster = Poster(tmp_path, server)
    done = poster.run("7", pace=())
    assert done.code == 0, done.stderr
    (arrived,) = poster.discord.messages.values()
    assert [content for _, content in arrived.files] == [path.read_bytes() for path in paths]
    assert arrived.content == message.content
    korean = week.reports[0].title.text("ko")
    assert korean in arrived.files[1][0]["title"]
    assert digest_bytes(arrived.files[1][1]) == digest_bytes(paths[1].read_bytes())
