"""I17: no request causes a 5xx, and every answer is one that the OpenAPI document describes.

Requests are generated from the document, good and bad ones; the long run makes a thousand of each for every operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FEW, MANY = 5, 1_000


@pytest.fixture
def operations(make_app) -> list[APIOperation]:
    """Every operation of a server that answers bugs with 500, as the real one does."""
    app = make_app(PROPAGATE_EXCEPTIONS=False)
    document = schemathesis.openapi.from_wsgi("/openapi.json", app)
    found = list(document.get_all_operations())
    readable = [operation.ok() for operation in found if isinstance(operation, Ok)]
    assert len(readable) == len(found)
    return readable


@pytest.fixture
def send(management_key, make_token, full_volume) -> Callable[[APIOperation, GenerationMode], None]:
    """Send generated requests of one kind to one operation, with a credential that its face takes."""
    volume = settings(
        max_examples=MANY if full_volume else FEW,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=not full_volume,
    )

    def send(operation: APIOperation, mode: GenerationMode) -> None:
        credential = make_token() if operation.path.startswith("/v1/client/") else management_key

        @volume
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {credential}"}, checks=CHECKS)

        run()

    return send


def failures(
    operations: list[APIOperation], send: Callable[[APIOperation, GenerationMode], None], mode: GenerationMode
) -> Iterator[str]:
    for operation in operations:
        try:
            send(operation, mode)
        except Unsatisfiable:
            continue  # an operation without parameters cannot be asked badly
        except Exception as failure:  # noqa: BLE001 - every kind of failure is listed with its operation
            yield f"{operation.label}: {failure!s:.600}"


def test_good_requests_are_answered_as_documented(operations, send):
    assert list(failures(operations, send, GenerationMode.POSITIVE)) == []


def test_bad_requests_are_refused_as_documented(operations, send):
    assert list(failures(operations, send, GenerationMode.NEGATIVE)) == []
