"""Which addresses are accepted, and that none is ever shown."""

import traceback
from pathlib import Path

import pytest

from generator.errors import StudyError
from generator.publish.discord.webhook import Webhook, permissions_hint, webhook_from
from tests.discord_server import TOKEN

GOOD = "https://discord.com/api/" + f"webhooks/123456/{TOKEN}"


@pytest.mark.parametrize(
    "address",
    [
        GOOD,
        f"  {GOOD}\r\n",
        f"\ufeff{GOOD}",
        f"{GOOD}/",
        GOOD.replace("discord.com", "DISCORD.com"),
        GOOD.replace("discord.com", "discordapp.com"),
        GOOD.replace("discord.com", "discord.com:443"),
        GOOD.replace("/api/", "/api/v9/"),
    ],
)
def test_an_address_of_discord_is_asked_in_the_dialect_we_speak(address: str) -> None:
    webhook = webhook_from(address)
    assert webhook.url("?wait=true").endswith(f"/api/v10/webhooks/123456/{TOKEN}?wait=true")
    assert webhook.url("").startswith("https://discord.com")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_loopback_may_be_plain_http_and_keeps_its_path(host: str) -> None:
    address = f"http://{host}/webhooks/1/{TOKEN}"
    with pytest.raises(StudyError, match=r"expected discord\.com"):
        webhook_from(address)
    webhook = webhook_from(address, [host.rpartition(":")[0]])
    assert webhook.loopback
    assert webhook.url("") == address
    assert webhook_from(address, [host.strip("[]")] if "[" not in host else ["::1"]).loopback


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "is empty"),
        ("hello", "not an address"),
        (TOKEN, "not an address"),
        (GOOD.replace("https", "http"), "does not begin with https"),
        (GOOD.replace("https", "ftp"), "does not begin with https"),
        (GOOD.replace("discord.com", "discord.com.example.org"), "leads to"),
        (GOOD.replace("discord.com", "discord.com@example.org"), "user name"),
        (GOOD.replace("discord.com", "discord.com:8443"), "leads to"),
        (GOOD.replace("discord.com", "xn--dscord-zva.com"), "leads to"),
        (GOOD.replace("discord.com", "dıscord.com"), "leads to another host"),
        (GOOD + "/slack", "more or less"),
        (GOOD + "?thread_id=5", "more or less"),
        (GOOD + "#x", "more or less"),
        (GOOD.replace("123456", "abc"), "more or less"),
        (GOOD.replace("/webhooks", "/hooks"), "more or less"),
        (GOOD.replace("/123456", "/../123456"), "more or less"),
        (GOOD + "\n" + GOOD, "not an address"),
        ("https://discord.com\\@example.org/webhooks/1/" + TOKEN, "not an address"),
        ("https://[::1/webhooks/1/" + TOKEN, "not an address"),
        ("https://discord.com:port/api/webhooks/1/" + TOKEN, "not an address"),
    ],
)
def test_any_other_address_is_refused_without_being_shown(address: str, why: str) -> None:
    with pytest.raises(StudyError, match=why) as caught:
        webhook_from(address)
    shown = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert TOKEN not in shown


def test_a_host_that_is_named_is_accepted_but_only_over_https() -> None:
    address = GOOD.replace("discord.com", "proxy.example.org")
    assert webhook_from(address, ["proxy.example.org"]).prefix == "/api"
    with pytest.raises(StudyError, match="https"):
        webhook_from(address.replace("https", "http"), ["proxy.example.org"])


def test_the_secret_is_not_in_the_printed_webhook_and_is_taken_out_of_texts() -> None:
    webhook = Webhook("https://discord.com", "/api", "1", "abc.DEF_ghi-jkl")
    assert "abc.DEF" not in repr(webhook)
    assert webhook.redacted("see /1/abc.DEF_ghi-jkl!") == "see /1/…!"


def test_two_webhooks_are_told_apart_without_naming_them() -> None:
    one, other = webhook_from(GOOD), webhook_from(GOOD.replace("123456", "123457"))
    assert one.digest() != other.digest()
    assert "123456" not in one.digest()


def test_a_file_that_others_may_read_is_pointed_out(tmp_path: Path) -> None:
    file = tmp_path / "hook"
    file.write_text(GOOD)
    file.chmod(0o644)
    assert permissions_hint(file) == f"others on this machine may read hook: chmod 600 {file}"
    file.chmod(0o600)
    assert permissions_hint(file) == ""
