"""A Discord of our own on the loopback, with every fault we know, for tests of `study post`.

It keeps messages as Discord's documentation and OpenAPI extract say, writes down every complaint
about a request (`complaints`), and plays the faults in `faults`, one a request.
"""

import json
import os
import re
import signal
import socket
import ssl
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

OPENAPI = Path(__file__).parents[2] / "shared" / "discord" / "discord-webhook-openapi.json"
TOKEN = "s3cr3t-T0KEN_that.nobody-may-see_0123456789abcdefghijklmnop"
WEBHOOK_ID = "112233445566778899"
FILE_LIMIT = 10 * 1024 * 1024
REQUEST_LIMIT = 25 * 1024 * 1024

# Faults in which the message is in the channel although the client never learns its number.
POSTED_UNSEEN = ("silent", "drop", "drip", "drip-head", "cut", "garbage", "204", "500-after")
# Faults after which nothing is in the channel, and the client knows.
REFUSED = ("404", "401", "413", "413-early", "400", "403-page", "redirect", "echo", "429-long")
# Faults that go away when the client tries again.
PASSING = ("429", "429-header", "429-bare", "429-html", "502")


@dataclass
class Stored:
    """A message in the channel. files: pairs of (what was said of it, its bytes).

    tags: of the forum's post that it opened. silent: nobody was notified. received: the bytes of
    files that came with its requests, kept ones not counted.
    """

    id: str
    webhook: str
    content: str
    thread: str
    payload: dict[str, Any]
    files: list[tuple[dict[str, Any], bytes]]
    edits: int = 0
    tags: list[str] = field(default_factory=list)
    silent: bool = False
    received: int = 0


@dataclass
class Discord:
    """The channel, and what is to go wrong. forum: only posts with a thread are taken.

    strict: an edit that keeps an attachment which is not there is refused; else it is passed over.
    """

    forum: bool = False
    messages: dict[str, Stored] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    webhooks: dict[str, str] = field(default_factory=lambda: {WEBHOOK_ID: TOKEN})
    threads: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    strict: bool = True
    victim: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_id: int = 900_000_000_000_000_000

    def complain(self, what: str) -> None:
        self.complaints.append(what)

    def new_id(self) -> str:
        self.next_id += 1
        return str(self.next_id)


class Server(ThreadingHTTPServer):
    """Serves one Discord on 127.0.0.1 until closed. url: what a webhook's address would be."""

    daemon_threads = True

    def __init__(self, discord: Discord, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.discord = discord
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            scheme = "https"
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}/api/webhooks"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def address(self, webhook: str = WEBHOOK_ID) -> str:
        return f"{self.url}/{webhook}/{self.discord.webhooks[webhook]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed or gave up is what these tests are about."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_POST(self) -> None:
        self.serve("POST")

    def do_PATCH(self) -> None:
        self.serve("PATCH")

    def do_DELETE(self) -> None:
        self.serve("DELETE")

    # ------------------------------------------------------------ one request

    def serve(self, method: str) -> None:
        discord = self.server.discord
        self.close_connection = True
        with discord.lock:
            fault = discord.faults.popleft() if discord.faults else ""
            discord.requests.append(f"{method} {fault}".strip())
        if fault == "drop-before":
            return self.reset()
        if fault == "413-early":
            self.answer(413, {"message": "Request entity too large", "code": 40005})
            # Closing with unread bytes would reset the connection and take the answer along.
            self.connection.shutdown(socket.SHUT_WR)
            return self.until_gone()
        if fault == "kill-headers":
            return self.kill()
        length = int(self.headers.get("Content-Length", 0))
        if fault == "kill-upload":
            self.rfile.read(min(length // 2, 10_000))
            return self.kill()
        body = self.rfile.read(length)
        if fault == "kill-body":
            return self.kill()
        early = {
            "429": (429, {"message": "You are being rate limited.", "retry_after": 0.02,
                          "global": False}),
            "429-long": (429, {"message": "You are being rate limited.", "retry_after": 3600.5,
                               "global": True}),
            "404": (404, {"message": "Unknown Webhook", "code": 10015}),
            "401": (401, {"message": "Invalid Webhook Token", "code": 50027}),
            "413": (413, {"message": "Request entity too large", "code": 40005}),
            "400": (400, {
                "message": "Invalid Form Body", "code": 50035, "errors": {
                    "content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH",
                                             "message": "Must be 2000 or fewer in length."}]},
                    "attachments": {"0": {"title": {"_errors": [
                        {"code": "BASE_TYPE_BAD", "message": "Bad title."}]}}}}}),
            "30046": (400, {"message": "Maximum number of edits to messages older than 1 hour "
                                       "reached. Try again later", "code": 30046}),
            "echo": (400, {"message": f"no such path: {self.path}\x1b[31m", "code": 0}),
        }  # fmt: skip
        pages = {
            "429-header": (429, b"error code: 1015", {"Retry-After": "0"}),
            "429-bare": (429, b"slow down", {}),
            "429-html": (429, b"<html>1015</html>", {"Retry-After": "Wed, 21 Oct 2026 07:28 GMT"}),
            "502": (502, b"", {}),
            "500": (500, b"oh", {}),
            "503": (503, b"<html></html>", {}),
            "403-page": (403, f"<html>{self.path}</html>".encode(), {}),
            "redirect": (302, b"", {"Location": self.path}),
        }
        if fault in early:
            return self.answer(*early[fault])
        if fault in pages:
            return self.page(*pages[fault])
        with discord.lock:
            status, answer = self.act(method, body)
        self.play(fault, status, answer)
        return None

    def play(self, fault: str, status: int, answer: dict[str, Any] | None) -> None:
        """Answer, or fail to, after the request was carried out."""
        text = json.dumps(answer).encode() if answer is not None else b""
        if fault == "kill-stored":
            self.kill()
        elif fault == "kill-answer":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + text[:20])
            self.kill()
        elif fault == "interrupt":
            os.kill(self.server.discord.victim, signal.SIGINT)
            self.until_gone()
        elif fault == "silent":
            self.until_gone()
        elif fault == "drop":
            self.reset()
        elif fault == "drip":
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            self.wfile.write(head + b"Content-Length: 100000\r\n\r\n")
            self.until_gone(b" ")
        elif fault == "drip-head":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            self.until_gone(b"X")
        elif fault == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + text[:10])
            self.reset()
        elif fault == "garbage":
            self.page(200, b"not json at all", {})
        elif fault == "204":
            self.send_response(204)
            self.end_headers()
        elif fault == "500-after":
            self.page(500, b"oh", {})
        elif answer is None:
            self.send_response(status)
            self.end_headers()
        else:
            self.answer(status, answer)

    # ------------------------------------------------------------ carrying out

    def act(self, method: str, body: bytes) -> tuple[int, dict[str, Any] | None]:
        discord = self.server.discord
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        match = re.fullmatch(
            r"/api(?:/v10)?/webhooks/(\d+)/([^/]+)(?:/messages/(\d+))?", parts.path
        )
        if not match or discord.webhooks.get(match[1]) is None:
            return 404, {"message": "Unknown Webhook", "code": 10015}
        if discord.webhooks[match[1]] != match[2]:
            return 401, {"message": "Invalid Webhook Token", "code": 50027}
        if not re.fullmatch(r"DiscordBot \(\S+, \S+\)", self.headers.get("User-Agent", "")):
            discord.complain(f"User-Agent: {self.headers.get('User-Agent')}")
        thread = query.get("thread_id", "")
        if thread and thread not in discord.threads:
            return 404, {"message": "Unknown Channel", "code": 10003}
        if method == "POST":
            return self.create(match[1], query, body)
        stored = discord.messages.get(match[3])
        if stored is None or stored.webhook != match[1] or stored.thread != thread:
            return 404, {"message": "Unknown Message", "code": 10008}
        if method == "DELETE":
            del discord.messages[match[3]]
            return 204, None
        payload, files = self.form(body, "IncomingWebhookUpdateRequestPartial")
        wanted = {item["id"] for item in payload.get("attachments", ())}
        kept = [(said, content) for said, content in stored.files if said["id"] in wanted]
        there = {said["id"] for said, _ in kept} | {str(index) for index in range(len(files))}
        if wanted - there:
            # Somebody took the attachment out; the documentation leaves open what Discord does.
            if discord.strict:
                return 400, {"message": "Invalid Form Body", "code": 50035, "errors": {}}
            payload["attachments"] = [a for a in payload["attachments"] if a["id"] in there]
        stored.content, stored.payload = payload.get("content", stored.content), payload
        stored.files = [*kept, *files] if "attachments" in payload else [*stored.files, *files]
        stored.edits += 1
        stored.received += sum(len(content) for _, content in files)
        return 200, self.told(stored)

    def told(self, stored: Stored) -> dict[str, Any]:
        """A message as Discord answers with it: the part of MessageResponse that matters here."""
        return {
            "id": stored.id,
            "channel_id": stored.thread or "1",
            "type": 0,
            "attachments": [
                {"id": said["id"], "filename": said["filename"], "size": len(content),
                 "url": f"https://cdn.invalid/{said['id']}", "proxy_url": "https://cdn.invalid"}
                for said, content in stored.files
            ],
        }  # fmt: skip

    def create(
        self, webhook: str, query: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        discord = self.server.discord
        if query.get("wait") != "true":
            discord.complain("POST without wait=true: the answer would hold no number")
        payload, files = self.form(body, "IncomingWebhookRequestPartial")
        thread, name = query.get("thread_id", ""), payload.get("thread_name")
        if thread and name:
            return 400, {"message": "thread_name and thread_id", "code": 220002}
        if discord.forum and not thread and not name:
            return 400, {"message": "Webhooks posted to forum channels must have a thread_name "
                                    "or thread_id", "code": 220001}  # fmt: skip
        if name and not discord.forum:
            return 400, {"message": "only in forum channels", "code": 220003}
        if not payload.get("content") and not files:
            return 400, {"message": "Cannot send an empty message", "code": 50006}
        if any(len(content) > FILE_LIMIT for _, content in files) or len(body) > REQUEST_LIMIT:
            return 413, {"message": "Request entity too large", "code": 40005}
        number = discord.new_id()
        if name:
            discord.threads.add(number)
            thread = number
        tags = payload.get("applied_tags", [])
        if tags and not name:
            discord.complain("applied_tags without a new post")
        if not set(tags) <= discord.tags:
            wrong = {"_errors": [{"code": "X", "message": "Unknown tag."}]}
            return 400, {"message": "Invalid Form Body", "code": 50035,
                         "errors": {"applied_tags": wrong}}  # fmt: skip
        if payload.get("flags", 0) & ~(1 << 12 | 1 << 2):
            discord.complain(f"flags that a webhook cannot set: {payload['flags']}")
        stored = Stored(
            number, webhook, payload.get("content", ""), thread, payload, files,
            tags=tags, silent=bool(payload.get("flags", 0) & 1 << 12),
            received=sum(len(content) for _, content in files),
        )  # fmt: skip
        discord.messages[number] = stored
        return 200, self.told(stored)

    def form(
        self, body: bytes, schema: str
    ) -> tuple[dict[str, Any], list[tuple[dict[str, Any], bytes]]]:
        """The payload and (attachment, bytes) of each file; complaints about either."""
        discord = self.server.discord
        found = multipart(self.headers.get("Content-Type", ""), body)
        payload = json.loads(found["payload_json"][1])
        for problem in (*schema_problems(payload, schema), *limit_problems(payload)):
            discord.complain(problem)
        files = []
        for index in range(len(found) - 1):
            filename, content = found[f"files[{index}]"]
            said = [item for item in payload["attachments"] if item["id"] == str(index)]
            if len(said) != 1:
                discord.complain(f"files[{index}] is not one of the attachments")
                continue
            # Discord's own name: what is not plain ASCII gets lost on the way.
            plain = re.sub(r"[^A-Za-z0-9._-]", "", filename)
            if plain != filename or said[0].get("filename", filename) != filename:
                discord.complain(f"the name {filename!r} would not arrive as it is")
            files.append(({**said[0], "id": discord.new_id(), "filename": plain}, content))
        return payload, files

    # ------------------------------------------------------------ answers and ends

    def answer(self, status: int, data: dict[str, Any]) -> None:
        self.page(status, json.dumps(data).encode(), {"Content-Type": "application/json"})

    def page(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def kill(self) -> None:
        os.kill(self.server.discord.victim, signal.SIGKILL)
        self.reset()

    def reset(self) -> None:
        """End the connection hard: the client sees a reset."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def until_gone(self, drop: bytes = b"") -> None:
        """Say nothing, or one byte now and then, until the client has gone (at most 20 s)."""
        self.connection.settimeout(0.03)
        for _ in range(600):
            try:
                if self.connection.recv(65536) == b"":
                    return
            except TimeoutError:
                if drop:
                    self.wfile.write(drop)
            except OSError:
                return
            time.sleep(0.001)


# ---------------------------------------------------------------- checks


def multipart(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """Name → (file name, bytes) of each part of a multipart/form-data body."""
    boundary = content_type.partition("boundary=")[2].encode()
    found = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        names = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode()))
        found[names["name"]] = (names.get("filename", ""), content.removesuffix(b"\r\n"))
    return found


def limit_problems(payload: dict[str, Any]) -> list[str]:
    """What Discord's documentation asks for and the schema does not say."""
    problems = []
    if payload.get("allowed_mentions") != {"parse": []}:
        problems.append(f"allowed_mentions: {payload.get('allowed_mentions')}")
    if len(payload.get("content") or "") > 2000:
        problems.append("content over 2000 characters")
    # What has a name is new and counted from 0; what has none stays, by Discord's own number.
    new = [item for item in payload.get("attachments", ()) if "filename" in item]
    kept = [item for item in payload.get("attachments", ()) if "filename" not in item]
    if [item.get("id") for item in new] != [str(index) for index in range(len(new))]:
        problems.append(f"attachments' ids: {[item.get('id') for item in new]}")
    if not all(set(item) == {"id"} and len(item["id"]) > 3 for item in kept):
        problems.append(f"attachments that stay: {kept}")
    if not all(item.get("description") for item in new):
        problems.append("an attachment without alternative text")
    return problems


def schema_problems(value: Any, name: str) -> list[str]:
    """Where `value` breaks the schema `name` of the OpenAPI extract; none if it is not there."""
    if not OPENAPI.exists():
        return []
    schemas = _schemas()
    return list(_broken(value, {"$ref": f"#/components/schemas/{name}"}, schemas, "payload"))


_LOADED: dict[str, Any] = {}


def _schemas() -> dict[str, Any]:
    if not _LOADED:
        _LOADED.update(json.loads(OPENAPI.read_bytes())["components"]["schemas"])
    return _LOADED


_TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "null": type(None), "boolean": bool,
    "integer": int, "number": (int, float),
}  # fmt: skip


def _broken(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str) -> list[str]:
    if "$ref" in schema:
        return _broken(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, at)
    for key in ("oneOf", "anyOf"):
        if key in schema:
            fits = [not _broken(value, one, schemas, at) for one in schema[key]]
            return [] if any(fits) else [f"{at}: fits none of {len(fits)} schemas"]
    problems = [p for one in schema.get("allOf", ()) for p in _broken(value, one, schemas, at)]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(
        isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        for kind in types
    ):
        return [*problems, f"{at}: {type(value).__name__}, expected {types}"]
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            problems.append(f"{at}: {len(value)} characters")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            problems.append(f"{at}: {value!r} does not match {schema['pattern']}")
    if value not in schema.get("enum", [schema.get("const", value)]):
        problems.append(f"{at}: {value!r}")
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            problems.append(f"{at}: {len(value)} items")
        for index, item in enumerate(value):
            problems += _broken(item, schema.get("items", {}), schemas, f"{at}.{index}")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        # The schema does not forbid other fields; Discord drops them, so they are mistakes.
        problems += [f"{at}.{key}: unknown" for key in value if known and key not in known]
        problems += [
            f"{at}.{key}: missing" for key in schema.get("required", ()) if key not in value
        ]
        for key, inner in known.items():
            if key in value:
                problems += _broken(value[key], inner, schemas, f"{at}.{key}")
    return problems
