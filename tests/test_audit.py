"""Known weaknesses of pinned packages: found where they can be asked for, and a line where not; check never hangs."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import make


@pytest.fixture
def service(monkeypatch):
    """A service on this machine: `answer(query)` is what it says of each package. What it was asked."""
    asked = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"])
                content = json.dumps({"results": [*map(answer, asked)]}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setattr(make, "OSV", f"http://127.0.0.1:{server.server_port}/")
        servers.append(server)
        return asked

    servers = []
    yield start
    for server in servers:
        server.server_close()


def test_every_pinned_package_is_asked_for_once(service, capsys):
    asked = service(lambda query: {})
    make.audit()
    named = [(query["package"]["name"], query["version"]) for query in asked]
    assert len(named) == len({*named}) and {"pandas", "duckdb", "bleach", "mutmut"} <= {name for name, _ in named}
    assert {*make.locked((3, 12)).items()} <= {*named}
    assert f"None of the {len(named)} pinned packages has a known weakness" in capsys.readouterr().out


def test_a_known_weakness_fails_and_is_named(service):
    service(lambda query: {"vulns": [{"id": "PYSEC-1-2"}]} if query["package"]["name"] == "bleach" else {})
    with pytest.raises(SystemExit, match=rf"bleach {make.locked((3, 12))['bleach']}: https://osv\.dev/PYSEC-1-2"):
        make.audit()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://nowhere.invalid/"])
def test_where_nobody_can_be_asked_it_is_said_and_nothing_fails(address, monkeypatch, capsys):
    monkeypatch.setattr(make, "OSV", address)
    make.audit()
    told = capsys.readouterr().out
    assert "not looked up" in told and address in told and told.count("\n") == 1


def test_an_answer_that_does_not_come_is_not_waited_for(service, monkeypatch, capsys):
    gate = threading.Event()
    service(lambda query: {"vulns": []} if gate.wait(5) else {})
    monkeypatch.setattr(make, "PATIENCE", 0.2)
    make.audit()
    gate.set()
    assert "not looked up" in capsys.readouterr().out


def test_check_ends_with_it():
    assert make.FUNCTIONS["check"] is make.audit and "check" in make.COMMANDS
