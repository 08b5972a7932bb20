"""The list of actions in the audit log is the list of what the rooms write, no more and no less."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import liftgate_server
from liftgate_server.admin.shell.audit_words import action_names

ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
WRITERS = {"write_entry", "_note"}


def texts_of(call: ast.Call) -> set[str]:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    texts = {each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return {text for text in texts if ACTION.fullmatch(text)}


def written_texts() -> tuple[set[str], set[str]]:
    """Give the actions that are written where they are named, and every text of the rooms that could be one."""
    written, possible = set(), set()
    for file in Path(liftgate_server.__file__).parent.rglob("*.py"):
        if "admin" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in WRITERS:
                written |= texts_of(node)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                possible.add(node.value)
    return written, possible


def test_what_is_written_has_a_name_and_what_has_a_name_is_written(app):
    written, possible = written_texts()
    with app.app_context():
        named = set(action_names())

    assert len(written) > 15
    assert written - named == set()
    assert named - possible == set()
