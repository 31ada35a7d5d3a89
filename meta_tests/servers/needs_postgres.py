"""A PostgreSQL for the tests of the suite, which are skipped where there is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mlflow_conformance.servers.postgres.installation import PostgresUnavailable, find_programs
from mlflow_conformance.servers.postgres.server import Postgres, running_postgres


@contextmanager
def postgres_or_skip() -> Iterator[Postgres]:
    """Start a PostgreSQL, or skip the test with the reason why there is none."""
    try:
        find_programs(os.environ)
    except PostgresUnavailable as error:
        pytest.skip(str(error))
    with running_postgres() as running:
        yield running
