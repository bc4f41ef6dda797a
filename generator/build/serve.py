"""`study watch --serve`: the site on this machine alone, loaded again after every save."""

import json
import threading
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from generator.errors import StudyError
from generator.machine.shipped import template_text

_LOOPBACK = "127.0.0.1"
_PING_S = 15.0  # a connection that is gone is noticed when something is sent


class Server:
    """Serves a folder on the loopback interface; pages reload when `change` is called.

    root: the study, whose templates/ may hold the script of live pages.
    """

    def __init__(self, root: Path, folder: Path, port: int) -> None:
        self._live = template_text(root, "site/live.js").encode()
        self._state = threading.Condition()
        self._version = 0
        self._problems: list[str] = []
        try:
            self._http = ThreadingHTTPServer(
                (_LOOPBACK, port), partial(_Handler, self, directory=str(folder))
            )
        except OSError as error:
            raise StudyError(
                f"port {port} can't be listened on: {error.strerror}",
                None,
                "name another: study watch --serve --port 8400",
            ) from error
        self._http.daemon_threads = True
        self.address = f"http://{_LOOPBACK}:{self._http.server_port}/"
        # A page of the net may be called by a name that leads here; it is not answered.
        self.hosts = {f"{name}:{self._http.server_port}" for name in (_LOOPBACK, "localhost")}

    def __enter__(self) -> "Server":
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def change(self) -> None:
        """There are new pages: let every open one load again."""
        with self._state:
            self._version += 1
            self._state.notify_all()

    def tell(self, problems: list[StudyError]) -> None:
        """Show `problems` on every open page; none takes them away."""
        with self._state:
            self._problems = [
                f"{problem}\n  {problem.hint}" if problem.hint else str(problem)
                for problem in problems
            ]
            self._state.notify_all()

    def _said(self) -> str:
        return json.dumps({"version": self._version, "problems": self._problems})


class _Handler(SimpleHTTPRequestHandler):
    """Answers GET and HEAD from this machine."""

    def __init__(self, server: Server, *args: object, **named: str) -> None:
        self._site = server
        super().__init__(*args, **named)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.headers.get("Host", "") not in self._site.hosts:
            self.send_error(403, "only this machine is answered")
        elif self.path == "/-/events":
            self._events()
        elif self.path == "/-/live.js":
            self._send(self._site._live, "text/javascript; charset=utf-8")
        elif (page := self._page()) is not None:
            self._send(page, "text/html; charset=utf-8")
        else:
            super().do_GET()

    def do_HEAD(self) -> None:
        if self.headers.get("Host", "") not in self._site.hosts:
            self.send_error(403, "only this machine is answered")
        else:
            super().do_HEAD()

    def list_directory(self, path: object) -> None:
        self.send_error(404, "no page here")

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """The terminal is the build's."""

    def _page(self) -> bytes | None:
        """The page that is asked for with the script that loads it again; None for other files."""
        path = unquote(self.path.partition("?")[0].partition("#")[0])
        name = "index.html" if path == "/" else path.removeprefix("/")
        if not name.endswith(".html") or "/" in name:
            return None
        file = Path(self.directory) / name
        live = '<script src="/-/live.js" defer></script></body>'
        if not file.is_file():
            title = escape(f"{name} is not there yet")
            return (
                f'<!doctype html><html lang="en"><head><title>{title}</title></head>'
                f'<body><main><h1>{title}</h1><p><a href="/">index.html</a></p></main>{live}</html>'
            ).encode()
        return file.read_text("utf-8").replace("</body>", live).encode()

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _events(self) -> None:
        """What changes, as server-sent events, until the page is closed."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        site, last = self._site, ""
        try:
            while True:
                with site._state:
                    if site._said() == last:
                        site._state.wait(_PING_S)
                    said = site._said()
                self.wfile.write(
                    b": still there\n\n" if said == last else f"data: {said}\n\n".encode()
                )
                self.wfile.flush()
                last = said
        except OSError:
            return  # the page is gone
