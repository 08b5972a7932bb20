from __future__ import annotations

import json

import pytest

from liftgate_server.access.caller import Role
from liftgate_server.access.service import NewEnvironment, create_environment
from liftgate_server.catalog import examples
from liftgate_server.catalog.yaml_writer import write_yaml

YAML = {"Content-Type": "application/yaml"}


def as_json(document):
    """Send a document in its order; the test client's own ``json=`` sorts the keys."""
    return {"data": json.dumps(document), "content_type": "application/json"}


@pytest.fixture
def published(manager, document):
    """The document of these tests, published."""
    answer = manager.post("/v1/catalogue/publish?base=0&message=Start", **as_json(document))
    assert answer.status_code == 200
    return document


def test_what_was_published_is_answered_with_its_order_and_tag(manager, published):
    answer = manager.get("/v1/catalogue")
    assert (answer.json["version"], answer.json["message"], answer.headers["ETag"]) == (1, "Start", '"c1"')
    assert list(answer.json["document"]["features"]) == ["exports", "boards", "sso"]
    assert answer.text.index('"exports"') < answer.text.index('"boards"') < answer.text.index('"sso"')


def test_the_catalogue_is_answered_as_yaml_on_demand(manager, published):
    answer = manager.get("/v1/catalogue", headers={"Accept": "application/yaml"})
    assert (answer.mimetype, answer.text) == ("application/yaml", write_yaml(published))


def test_a_known_version_is_not_sent_again(manager, published):
    answer = manager.get("/v1/catalogue", headers={"If-None-Match": '"c1"'})
    assert (answer.status_code, answer.text) == (304, "")


def test_before_the_first_publication_the_catalogue_is_version_0(manager):
    answer = manager.get("/v1/catalogue")
    assert (answer.json["version"], answer.json["document"]) == (0, {"schema": 1, "languages": ["en"]})


def test_yaml_and_json_publish_the_same(manager, published):
    answer = manager.post("/v1/catalogue/publish", data=write_yaml(published), headers=YAML)
    assert (answer.json["version"], answer.json["changed"]) == (1, False)


def test_versions_are_listed_newest_first_over_pages(manager, published):
    for rank in (11, 12):
        published["plans"]["pro"]["rank"] = rank
        manager.post("/v1/catalogue/publish", **as_json(published))
    first = manager.get("/v1/catalogue/versions?limit=2").json
    second = manager.get(f"/v1/catalogue/versions?limit=2&cursor={first['next_cursor']}").json
    assert [item["version"] for item in first["items"] + second["items"]] == [3, 2, 1]
    assert second["next_cursor"] is None


def test_an_older_version_can_be_read(manager, published):
    published["plans"]["pro"]["rank"] = 11
    manager.post("/v1/catalogue/publish", **as_json(published))
    assert manager.get("/v1/catalogue/versions/1").json["document"]["plans"]["pro"]["rank"] == 10
    missing = manager.get("/v1/catalogue/versions/9")
    assert (missing.status_code, missing.json["code"]) == (404, "unknown_version")


def test_a_malformed_catalogue_is_refused_with_every_path_and_line(manager, published):
    text = write_yaml(published).replace("boards: 25", "boards: 2.6e-42").replace("rank: 0", "rank: true")
    answer = manager.post("/v1/catalogue/publish", data=text, headers=YAML)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_catalogue")
    assert [(error["path"], error["line"]) for error in answer.json["errors"]] == [
        ("plans.free.rank", 11),
        ("plans.pro.entitlements.boards", 20),
    ]
    assert manager.get("/v1/catalogue").json["version"] == 1


def test_validation_changes_nothing(manager, document):
    assert manager.post("/v1/catalogue/validate", **as_json(document)).json == {"valid": True}
    refused = manager.post("/v1/catalogue/validate", **as_json(document | {"time_zone": "Mars/Olympus"}))
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "time_zone")
    assert manager.get("/v1/catalogue").json["version"] == 0


def test_a_stale_base_conflicts(manager, published):
    published["plans"]["pro"]["rank"] = 11
    answer = manager.post("/v1/catalogue/publish?base=0", **as_json(published))
    assert (answer.status_code, answer.json["code"]) == (409, "stale_base")


def test_a_difference_is_told_in_words_and_lines(manager, published):
    published["plans"]["pro"]["rank"] = 11
    answer = manager.post("/v1/catalogue/diff", **as_json(published)).json
    assert (answer["equal"], answer["changes"]) == (False, ["Plan pro: rank 10 → 11"])
    assert "-    rank: 10\n+    rank: 11\n" in answer["unified"]


def test_a_document_can_be_compared_with_draft_and_older_versions(manager, published):
    manager.put("/v1/catalogue/draft", **as_json(published | {"time_zone": "Europe/Berlin"}))
    against_draft = manager.post("/v1/catalogue/diff?against=draft", **as_json(published)).json
    assert against_draft["changes"] == ["Time zone: Europe/Berlin → UTC"]
    assert manager.post("/v1/catalogue/diff?against=1", **as_json(published)).json["equal"] is True
    assert manager.post("/v1/catalogue/diff?against=nothing", **as_json(published)).status_code == 422


def test_the_draft_has_a_revision_that_guards_it(manager, document):
    assert manager.get("/v1/catalogue/draft").json["code"] == "no_draft"
    assert manager.put("/v1/catalogue/draft", **as_json(document)).json["revision"] == 1
    stale = manager.put("/v1/catalogue/draft", **as_json(document))
    assert (stale.status_code, stale.json["code"]) == (409, "stale_revision")
    assert manager.put("/v1/catalogue/draft?base=1", **as_json(document)).json["revision"] == 2


def test_an_empty_document_is_not_taken_for_the_draft(manager, document):
    manager.put("/v1/catalogue/draft", **as_json(document))

    answer = manager.post("/v1/catalogue/publish", data=b"", content_type="application/yaml")

    assert (answer.status_code, answer.json["code"]) == (400, "missing_body")
    assert manager.get("/v1/catalogue").json["version"] == 0


def test_an_empty_body_publishes_the_draft(manager, document):
    manager.put("/v1/catalogue/draft", **as_json(document))
    assert manager.post("/v1/catalogue/publish").json["version"] == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"data": "schema: 1", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ({"data": "", "content_type": "application/yaml"}, 400, "missing_body"),
        ({"data": b"#" * (2 * 1024 * 1024 + 1), "content_type": "application/yaml"}, 413, "too_large"),
        ({"data": "{", "content_type": "application/json"}, 422, "invalid_catalogue"),
        ({"data": "- 1", "content_type": "application/yaml"}, 422, "invalid_catalogue"),
    ],
)
def test_a_body_that_is_no_catalogue_is_refused(manager, body, status, code):
    answer = manager.post("/v1/catalogue/validate", **body)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_large_catalogue_within_the_limit_is_read(manager, document):
    text = write_yaml(document) + "#" * 1_000_000
    assert manager.post("/v1/catalogue/validate", data=text, headers=YAML).status_code == 200


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (Role.VIEWER, "POST", "/v1/catalogue/validate", 200),
        (Role.VIEWER, "POST", "/v1/catalogue/diff", 200),
        (Role.VIEWER, "PUT", "/v1/catalogue/draft", 403),
        (Role.EDITOR, "PUT", "/v1/catalogue/draft", 200),
        (Role.EDITOR, "POST", "/v1/catalogue/publish", 403),
        (Role.PUBLISHER, "POST", "/v1/catalogue/publish", 200),
    ],
)
def test_each_call_needs_its_role(call_with, make_key, document, role, method, path, status):
    assert call_with(make_key(role))(method, path, **as_json(document)).status_code == status


def test_a_secret_key_may_not_manage_the_catalogue(runtime_caller):
    answer = runtime_caller.get("/v1/catalogue")
    assert (answer.status_code, answer.json["code"]) == (403, "wrong_credentials")


def test_a_publication_sent_twice_with_one_key_takes_effect_once(manager, document):
    headers = {"Idempotency-Key": "deploy-7"}
    first = manager.post("/v1/catalogue/publish", **as_json(document), headers=headers)
    again = manager.post("/v1/catalogue/publish", **as_json(document), headers=headers)
    assert (again.headers["Idempotent-Replay"], again.json) == ("true", first.json)
    other = manager.post("/v1/catalogue/publish", **as_json(document | {"time_zone": "UTC"}), headers=headers)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")


def test_another_environment_sees_and_changes_nothing_of_it(app, manager, call_with, make_key, published):
    with app.app_context():
        other = create_environment(NewEnvironment("other", name="Other"))
    stranger = call_with(make_key(Role.OWNER, environment_id=other.id))
    assert stranger.get("/v1/catalogue").json["version"] == 0
    assert stranger.get("/v1/catalogue/versions").json["items"] == []
    assert stranger.get("/v1/catalogue/versions/1").status_code == 404
    assert stranger.post("/v1/catalogue/publish", json={"schema": 1, "languages": ["de"]}).json["version"] == 1
    assert manager.get("/v1/catalogue").json["document"] == published


@pytest.mark.parametrize(
    ("method", "path", "example"),
    [
        ("GET", "/v1/catalogue", examples.CATALOGUE),
        ("GET", "/v1/catalogue/versions/1", examples.CATALOGUE),
        ("GET", "/v1/catalogue/versions", examples.VERSIONS),
        ("PUT", "/v1/catalogue/draft", examples.DRAFT),
        ("POST", "/v1/catalogue/diff", examples.DIFFERENCE),
        ("POST", "/v1/catalogue/publish", examples.PUBLISHED),
        ("POST", "/v1/catalogue/validate", examples.VALID),
    ],
)
def test_the_examples_look_like_the_answers(manager, published, method, path, example):
    body = {} if method == "GET" else as_json(published)
    assert manager(method, path, **body).json.keys() == example.keys()


def test_a_version_number_beyond_every_database_is_not_found(manager):
    assert manager.get("/v1/catalogue/versions/99999999999999999999").status_code == 404
    assert manager.get("/v1/catalogue/versions/0").json["code"] == "unknown_version"


def test_a_key_that_cannot_be_encoded_is_a_refusal_too(manager):
    body = b'{"schema": 1, "languages": ["en"], "plans": {"\\ud800": 1}}'

    answer = manager.post("/v1/catalogue/validate", data=body, content_type="application/json")

    assert answer.status_code == 422
