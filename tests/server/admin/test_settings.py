"""The settings of an environment under several hands: nothing that somebody saved is lost by somebody else's form."""

from __future__ import annotations

import re
from html import unescape

import pytest

from liftgate_server.access.queries import environment_by_key


@pytest.fixture
def send(owner):
    """Send the settings as they stand on a page, but for what is changed in it."""

    def make(page: str, **changes: str):
        found = re.search(r'name="base" value="([^"]*)"', page)
        name = re.search(r'id="f-name" name="name" type="text" value="([^"]*)"', page)
        origins = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)
        assert found is not None
        assert name is not None
        assert origins is not None
        fields = {"base": found[1], "name": name[1], "allowed_origins": origins[1], "default_language": "en"}
        return owner.post("/settings", **{key: unescape(text) for key, text in fields.items()} | changes)

    return make


def settings_of(site):
    with site.app.app_context():
        found = environment_by_key(site.environment)
    return found.name, found.allowed_origins


def test_two_people_who_change_different_settings_both_have_their_way(site, owner, send):
    page = owner.get("/settings").text
    send(page, allowed_origins="https://b.example")

    assert send(page, name="Ours").status_code == 303
    assert settings_of(site) == ("Ours", ("https://b.example",))


def test_of_two_people_who_change_the_same_setting_the_second_is_asked(site, owner, send):
    page = owner.get("/settings").text
    send(page, name="Theirs")

    answer = send(page, name="Ours")

    assert answer.status_code == 409
    assert 'value="Ours"' in answer.text
    assert "Somebody else has changed this in the meantime" in answer.text
    assert settings_of(site)[0] == "Theirs"
    assert send(answer.text).status_code == 303
    assert settings_of(site)[0] == "Ours"
