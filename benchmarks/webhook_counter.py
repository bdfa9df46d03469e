"""A local server that takes Slack's place: writes each posted body as a line of a file. Usage: webhook_counter.py PORT FILE"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with FILE.open("ab") as out:
            out.write(body.replace(b"\n", b" ") + b"\n")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        return None


if __name__ == "__main__":
    FILE = Path(sys.argv[2])
    FILE.touch()
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Hook).serve_forever()
