from __future__ import annotations

import pytest

from airflow_provider_revox.operators.results import CampaignResultsOperator


@pytest.fixture
def results(tmp_path):
    """Carry the operator out, without a DAG; return its manifest."""

    def execute(campaign_id, path=None, **options):
        operator = CampaignResultsOperator(
            task_id="results", campaign_id=campaign_id, path=path or str(tmp_path / "calls.csv"), **options
        )
        return operator.execute({})

    return execute


@pytest.fixture
def logged(capfd, caplog):
    """Return what was logged since the last time; Airflow 3 writes it out, Airflow 2 hands it to Python."""

    def read():
        captured = capfd.readouterr()
        text = captured.out + captured.err + caplog.text
        caplog.clear()
        return text

    return read
