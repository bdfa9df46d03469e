"""deploy/report.conf in a real nginx before a store that notes what it is asked: pages open, and nothing else can be reached."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CONF = Path(__file__).parents[2] / "deploy" / "report.conf"
PAGE = b"<!doctype html><title>night</title>"

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="Debian's nginx-light is not installed")


@pytest.fixture
def asked():
    return []


@pytest.fixture
def store(asked):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.command, self.path, dict(self.headers)))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def port(tmp_path, store):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = CONF.read_text().replace("objects:9000", f"127.0.0.1:{store}").replace("listen 8080", f"listen 127.0.0.1:{port}")
    (tmp_path / "site.conf").write_text(site)
    folders = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; {folders} include {tmp_path}/site.conf; }}\n"
    )
    command = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    # it listens when the command returns
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    yield port
    subprocess.run([*command, "-s", "stop"], check=True, capture_output=True, timeout=20)


def _ask(port: int, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer


def test_pages_open_as_pages(port, asked):
    for path, key in (
        ("/night/2026-11-19.html", "report/night/2026-11-19.html"),
        ("/checks/day=2026-11-19/index.html", "checks/day=2026-11-19/index.html"),
    ):
        answer = _ask(port, path)
        assert (answer.status, answer.getheader("Content-Type"), answer.body) == (200, "text/html", PAGE)
        assert answer.getheader("X-Content-Type-Options") == "nosniff"
        assert asked[-1][1] == f"/drift/lake/{key}"


def test_the_first_page_is_found_whatever_port_the_browser_came_by(port):
    answer = _ask(port, "/", Host="drift.example.com:8081")
    assert (answer.status, answer.getheader("Location")) == (302, "/index.html")


@pytest.mark.parametrize(
    "path",
    [
        "/features/day=2026-11-19/_manifest.json",
        "/checks/../features/x",
        "/checks/%2e%2e/features/x",
        "/checks/..%2ffeatures/x",
        "/../../features/x",
        "/checks/?list-type=2&prefix=lake/features",
        "/?list-type=2",
        "//drift/lake/features/x",
    ],
)
def test_nothing_else_of_the_lake_is_asked_for(port, asked, path):
    _ask(port, path)
    assert all(key.startswith(("/drift/lake/report/", "/drift/lake/checks/")) and "?" not in key and ".." not in key
               for _, key, _ in asked)  # fmt: skip


def test_a_request_gives_the_store_its_path_and_nothing_more(port, asked):
    _ask(port, "/index.html?acl&X-Amz-Signature=x", Authorization="AWS x", Cookie="session=x")
    [(_, path, headers)] = asked
    assert path == "/drift/lake/report/index.html"
    assert not {"authorization", "cookie"} & {name.lower() for name in headers}


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_nothing_can_be_written(port, asked, method):
    assert _ask(port, "/night/2026-11-19.html", method).status == 403
    assert asked == []
