"""`liftgate catalog` against a server that listens."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from liftgate_server.access.caller import Role

TEXT = """\
schema: 1
languages: [en]
features:
  exports: {kind: metered, name: {en: Exports}}
plans:
  free:
    name: {en: Free}
    rank: 0
    entitlements:
      exports: {limit: 5, per: month}
"""


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "catalogue.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_published_file_comes_back_by_pull(run, file, tmp_path):
    published = run("publish", file, "--message", "Start")
    assert (published.exit_code, published.stdout.splitlines()[-1]) == (0, "Published version 1.")
    pulled = run("pull", tmp_path / "pulled.yaml")
    assert (pulled.exit_code, pulled.stderr) == (0, f"{tmp_path / 'pulled.yaml'}: version 1\n")
    assert (tmp_path / "pulled.yaml").read_text(encoding="utf-8") == TEXT
    assert sorted(path.name for path in tmp_path.glob("*pulled*")) == ["pulled.yaml"]


def test_pull_without_a_file_writes_to_standard_output(run, file):
    run("publish", file)
    assert run("pull").stdout == TEXT


def test_an_older_version_can_be_pulled(run, file):
    run("publish", file)
    file.write_text(TEXT.replace("limit: 5", "limit: 6"), encoding="utf-8")
    run("publish", file)
    assert run("pull", "--version", 1).stdout == TEXT


def test_publishing_tells_what_changed(run, file):
    run("publish", file)
    file.write_text(TEXT.replace("limit: 5", "limit: 6"), encoding="utf-8")
    assert run("publish", file).stdout == "Plan free: exports 5 per month → 6 per month\nPublished version 2.\n"
    assert run("publish", file).stdout == "Version 2 has this content already; nothing was published.\n"


def test_publishing_as_json_is_for_machines(run, file):
    answer = json.loads(run("publish", file, "--json").stdout)
    assert (answer["version"], answer["changed"], answer["plan_versions"]) == (1, True, {"free": 1})


def test_a_malformed_file_is_told_by_line_and_changes_nothing(run, file):
    file.write_text(TEXT.replace("limit: 5", "limit: 2.6e-42").replace("rank: 0", "rank: -1"), encoding="utf-8")
    result = run("publish", file)
    assert result.exit_code == 3
    assert result.stderr.splitlines()[:2] == [
        f"{file}:8: plans.free.rank: Expected a whole number from 0 to 9007199254740991, not -1.",
        f"{file}:10: plans.free.entitlements.exports.limit: Expected a whole number, not 2.6e-42.",
    ]
    assert "nothing was applied" in result.stderr
    assert "nothing is published" in run("pull").stderr


def test_an_empty_file_does_not_publish_the_draft_in_its_place(run, file):
    run("push", file)
    file.write_text("")
    result = run("publish", file)
    assert result.exit_code == 2
    assert "empty" in result.stderr
    assert "exports" not in run("pull").output


def test_a_file_beyond_the_limit_is_told_so_before_it_is_sent(run, file):
    file.write_text("#" * (2 * 1024 * 1024 + 1))
    result = run("publish", file)
    assert result.exit_code == 2
    assert "2 MB" in result.stderr


def test_a_stale_base_is_refused(run, file):
    run("publish", file, "--base", 0)
    file.write_text(TEXT.replace("limit: 5", "limit: 6"), encoding="utf-8")
    refused = run("publish", file, "--base", 0)
    assert (refused.exit_code, "stale_base" in refused.stderr) == (4, True)
    assert run("publish", file, "--base", 1).exit_code == 0


def test_a_dry_run_tells_and_does_nothing(run, file):
    result = run("publish", file, "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "Would be published as version 1.")
    assert "nothing is published" in run("pull").stderr
    assert run("publish", file, "--dry-run", "--base", 3).exit_code == 4
    run("publish", file)
    assert run("publish", file, "--dry-run").stdout == "Nothing would change.\n"


def test_diff_says_by_its_exit_code_whether_there_is_one(run, file):
    run("publish", file)
    equal = run("diff", file)
    file.write_text(TEXT.replace("limit: 5", "limit: 6"), encoding="utf-8")
    different = run("diff", file)
    file.write_text("schema: [", encoding="utf-8")
    wrong = run("diff", file)
    assert (equal.exit_code, different.exit_code, wrong.exit_code) == (0, 1, 3)
    assert different.stdout.startswith("Plan free: exports 5 per month → 6 per month\n\n--- version 1\n+++ given\n")


def test_diff_as_json_keeps_its_exit_code(run, file):
    result = run("diff", file, "--json")
    assert (result.exit_code, json.loads(result.stdout)["equal"]) == (1, False)


def test_a_draft_is_pushed_compared_and_published(run, file):
    assert run("push", file).stdout == "Pushed draft revision 1.\n"
    assert run("diff", file, "--against", "draft").exit_code == 0
    assert run("pull", "--draft").stdout == TEXT
    assert run("publish").stdout.splitlines()[-1] == "Published version 1."


def test_a_push_over_somebody_elses_draft_is_refused(run, file):
    run("push", file)
    refused = run("push", file)
    assert (refused.exit_code, "stale_revision" in refused.stderr) == (4, True)
    assert run("push", file, "--base", 1).stdout == "Pushed draft revision 2.\n"


def test_a_file_may_be_json_or_standard_input(run, tmp_path):
    path = tmp_path / "catalogue.json"
    path.write_text('{"schema": 1, "languages": ["en"]}', encoding="utf-8")
    assert run("publish", path).exit_code == 0
    assert run("diff", "-", input="schema: 1\nlanguages: [en]\n").exit_code == 0
    assert run("diff", "-", input="schema: [\n").stderr.startswith("<stdin>:2: ")


def test_a_key_that_may_not_publish_is_told_so(run, make_key, file):
    refused = run("publish", file, key=make_key(Role.EDITOR))
    assert (refused.exit_code, "insufficient_role" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("http://127.0.0.1:1", "lgmk_x", "cannot reach http://127.0.0.1:1"),
        ("file:///etc/passwd", "lgmk_x", "is not the address of a server"),
        ("http://127.0.0.1:1", "lgmk\n_x", "characters no key has"),
    ],
)
def test_a_server_that_cannot_be_called_is_an_error_in_words(run, file, url, key, words):
    result = run("publish", file, url=url, key=key)
    assert (result.exit_code, words in result.stderr) == (2, True)


def test_an_environment_without_a_catalogue_is_not_pulled_into_a_file(run, tmp_path):
    """An empty catalogue in a file would wait to be published over the real one."""
    path = tmp_path / "catalogue.yaml"

    result = run("pull", path)

    assert (result.exit_code, path.exists()) == (2, False)
    assert "nothing is published in this environment yet" in result.stderr


def test_pulling_into_a_folder_that_is_not_there_is_an_error_in_words(run, file, tmp_path):
    run("publish", file)
    result = run("pull", tmp_path / "nowhere" / "catalogue.yaml")
    assert (result.exit_code, "cannot write" in result.stderr) == (2, True)


class _RedirectingServer(HTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Redirecting)
        self.seen: list[str] = []


class _Redirecting(BaseHTTPRequestHandler):
    server: _RedirectingServer

    def do_GET(self):
        self.server.seen.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_args):
        """Keep the output of the tests clean."""


def test_a_redirect_is_not_followed_because_the_key_would_go_along(run):
    with _RedirectingServer() as other:
        thread = threading.Thread(target=other.handle_request, daemon=True)
        thread.start()
        result = run("pull", url=f"http://127.0.0.1:{other.server_port}")
        thread.join()
    assert (result.exit_code, other.seen) == (2, ["/v1/catalogue"])
    assert "is this a Liftgate server?" in result.stderr
