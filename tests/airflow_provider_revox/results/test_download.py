from __future__ import annotations

import json
import logging

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient, all_rows
from airflow_provider_revox.client.errors import MalformedAnswerError, NotFoundError
from airflow_provider_revox.exceptions import RowsChangedError
from airflow_provider_revox.files.records import read_records
from airflow_provider_revox.results import download as reading
from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.write import Results
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign, number

ROWS = "/campaigns/{id}/rows"
CALLS_AND_WHO = Layout(variables=["who"])


@pytest.fixture(params=["contract", "drafts", "launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(speed=0, generation=generation)


@pytest.fixture
def read(revox_sandbox, monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(all_rows, "PAGE_SIZE", 10)

    def read_rows(campaign_id, layout=CALLS_AND_WHO):
        config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, retries=2)
        path = str(tmp_path / "calls.jsonl")
        with RevoxClient(config) as client, Results(path, layout) as results:
            campaign = client.get_campaign(campaign_id)
            reading.read_all(client, campaign, layout, results, logging.getLogger("test"))
            results.publish()
        records = list(read_records(path))
        assert results.counts.records == len(records)
        return records

    return read_rows


@pytest.fixture
def change_rows(revox_sandbox):
    """Let the answers to requests for rows be others, from one of them on."""

    def change(*answers, skip=0, times=1):
        for answer in answers:
            revox_sandbox.faults.add(
                Fault(kind="broken_json", method="GET", path=ROWS, body=answer, skip=skip, times=times)
            )
            skip = 0

    return change


def asked(sandbox):
    return [request.path for request in sandbox.requests() if request.path.endswith("/rows")]


def page(*indexes, total, **more):
    return {"page": 1, "page_size": 10, "total": total, "rows": rows(*indexes), **more}


def rows(*indexes):
    return [
        {"id": f"row {index}", "row_index": index, "phone_number": number(index), "input_data": {}}
        for index in indexes
    ]


@pytest.mark.parametrize("people", [1, 9, 10, 11, 25])
def test_every_row_comes_once(revox_sandbox, read, generation, people):
    records = read(create_campaign(revox_sandbox, people))
    assert sorted(record["phone_number"] for record in records) == [number(index) for index in range(people)]
    assert len(asked(revox_sandbox)) == (-(-people // 10) if generation == "contract" else 1)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", ["truncate", "broken_json", "reset"])
def test_what_an_attempt_brought_that_failed_is_forgotten(revox_sandbox, read, kind):
    campaign_id = create_campaign(revox_sandbox, 25)
    revox_sandbox.faults.add(Fault(kind=kind, method="GET", path=ROWS, when="after"))
    assert sorted(record["row_index"] for record in read(campaign_id)) == list(range(25))


def test_an_unknown_campaign_is_not_found(read):
    with pytest.raises(NotFoundError):
        read("unknown")


contract = pytest.mark.parametrize("generation", ["contract"], indirect=True)
unpaged = pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)


@contract
@pytest.mark.parametrize(
    "second",
    [
        page(*range(9, 19), total=25),  # a row moved from the first page to the second, and another was lost
        page(*range(10, 20), total=26),
        page(*range(10, 20), total=24),
        page(total=25),
        {"rows": rows(*range(10, 25))},
    ],
)
def test_rows_that_changed_between_pages_are_read_again(revox_sandbox, read, change_rows, caplog, second):
    campaign_id = create_campaign(revox_sandbox, 25)
    change_rows(page(*range(10), total=25), second)
    assert sorted(record["row_index"] for record in read(campaign_id)) == list(range(25))
    assert f"Reading the rows of campaign {campaign_id} again (2): " in caplog.text
    assert "+1415" not in caplog.text


@contract
@pytest.mark.parametrize("answer", [page(total=0), page(*range(2), total=2), page(*range(4), total=4)])
def test_what_the_campaign_counts_otherwise_is_read_again(revox_sandbox, read, change_rows, answer):
    campaign_id = create_campaign(revox_sandbox, 3)
    change_rows(answer)
    assert len(read(campaign_id)) == 3


@pytest.mark.parametrize("answer", [{"rows": []}, {"rows": [], "total": 0}])
def test_a_campaign_that_never_agrees_with_its_rows_is_an_error(revox_sandbox, read, change_rows, answer):
    campaign_id = create_campaign(revox_sandbox, 3)
    change_rows(answer, times=None)
    with pytest.raises(RowsChangedError, match="5 times: 0 rows came, and the campaign counts 3"):
        read(campaign_id)


@contract
def test_more_rows_than_the_api_counts_are_read_again(revox_sandbox, read, change_rows):
    campaign_id = create_campaign(revox_sandbox, 3)
    change_rows(page(*range(5), total=4))
    assert len(read(campaign_id)) == 3


@contract
def test_rows_that_never_hold_still_are_an_error(revox_sandbox, read, change_rows):
    campaign_id = create_campaign(revox_sandbox, 25)
    change_rows(page(*range(10), total=25), times=None)
    with pytest.raises(RowsChangedError, match=r"5 times: a row came twice\. Nothing was written\. .*Sensor"):
        read(campaign_id)
    assert len(asked(revox_sandbox)) == 2 * reading.PASSES


@contract
def test_a_server_with_smaller_pages_than_asked_for_is_read_to_the_end(revox_sandbox, read, change_rows):
    campaign_id = create_campaign(revox_sandbox, 12)
    change_rows(*(page(*range(start, start + 4), total=12) for start in (0, 4, 8)))
    assert [record["row_index"] for record in read(campaign_id)] == list(range(12))


@unpaged
@pytest.mark.parametrize("answer", [{"rows": rows(0, 1)}, {"rows": rows(0, 1, 1)}, {"rows": []}])
def test_all_rows_at_once_are_read_again_where_they_do_not_add_up(revox_sandbox, read, change_rows, answer):
    campaign_id = create_campaign(revox_sandbox, 3)
    change_rows(answer)
    assert sorted(record["row_index"] for record in read(campaign_id)) == [0, 1, 2]


@unpaged
@pytest.mark.parametrize(
    "answer", [{"campaigns": []}, {"rows": rows(0, 1, 2), "next": "page 2"}, {"rows": [*rows(0), {"a": "b"}]}]
)
def test_what_is_no_list_of_rows_is_an_error(revox_sandbox, read, change_rows, answer):
    campaign_id = create_campaign(revox_sandbox, 3)
    change_rows(answer, times=None)
    with pytest.raises(MalformedAnswerError) as caught:
        read(campaign_id)
    assert "+1415" not in str(caught.value)


def test_text_that_no_file_can_hold_is_read_all_the_same(revox_sandbox, read, change_rows):
    campaign_id = create_campaign(revox_sandbox, 1)
    row = {**rows(0)[0], "input_data": {"who": "Ada \ud83d"}}
    change_rows(json.dumps({"rows": [row], "page": 1, "total": 1}))
    assert read(campaign_id)[0]["who"] == "Ada ?"
