"""Somewhere alerts go: a real HTTP server on localhost."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Place:
    """A local HTTP server that keeps what is posted and answers as it was told, then 200."""

    def __init__(self):
        self.posts: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.asked = 0
        self.answers: list[tuple[int, dict[str, str], str]] = []
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                place.headers.append(dict(self.headers))
                ok = json.dumps({"ok": True, "ts": f"17000.{len(place.posts):04d}"})
                status, headers, text = place.answers.pop(0) if place.answers else (200, {}, ok)
                if status == 200:
                    place.posts.append(json.loads(body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def do_GET(self):
                place.asked += 1
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
