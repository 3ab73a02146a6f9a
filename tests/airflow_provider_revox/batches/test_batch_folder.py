"""The folder of the batches of a list: which list stands, and what is left of a try that ended badly."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.batches.batch_folder import BatchFolder, batch_of, folder_name
from airflow_provider_revox.exceptions import RevoxRefusedError
from tests.airflow_provider_revox.batches.tasks import ADA, BOB, CLEO, OWN, contents, files


@pytest.mark.parametrize("other", [{"run_id": "tomorrow"}, {"task_id": "more"}, {"map_index": 0}])
def test_the_list_of_another_run_task_or_map_index_is_another_list(task, tmp_path, other):
    task()
    first = contact_batches(OWN, to=str(tmp_path))
    task(**other)
    second = contact_batches(OWN[:1], to=str(tmp_path))
    assert contents([*first, *second]) == [[ADA, BOB, CLEO], [ADA]]
    assert batch_of(first[0]) != batch_of(second[0])


def test_a_try_that_dies_midway_leaves_nothing_that_counts_and_its_retry_cleans_up(
    task, tmp_path, monkeypatch
):
    class Killed(BaseException):
        pass

    def dies(self, url, lines):
        if url.endswith("00002.jsonl.gz"):
            raise Killed
        return write(self, url, lines)

    write = BatchFolder._write_batch
    task()
    with monkeypatch.context() as patch:
        patch.setattr(BatchFolder, "_write_batch", dies)
        patch.setattr(BatchFolder, "_remove", lambda *_: None)  # nor would a killed process
        with pytest.raises(Killed):
            contact_batches(OWN, to=str(tmp_path), batch_size=1)
    assert [path.rpartition("/")[2] for path in files(tmp_path)] == ["00001.jsonl.gz"]
    task()
    urls = contact_batches(OWN[:2], to=str(tmp_path), batch_size=1)
    assert contents(urls) == [[ADA], [BOB]]
    assert len(files(tmp_path)) == 3  # two batches, the manifest, and nobody's data besides


def test_an_error_while_batches_are_written_leaves_none_behind(task, tmp_path, monkeypatch):
    def fails(self, url, lines):
        if url.endswith("00002.jsonl.gz"):
            raise OSError("disk full")
        return write(self, url, lines)

    write = BatchFolder._write_batch
    monkeypatch.setattr(BatchFolder, "_write_batch", fails)
    task()
    with pytest.raises(OSError, match="disk full"):
        contact_batches(OWN, to=str(tmp_path), batch_size=1)
    assert files(tmp_path) == []


@pytest.mark.parametrize("to", ["{tmp_path}", "memory://bucket/batches", "s3://crm@bucket/batches"])
@pytest.mark.parametrize("exclusive", [True, False])
def test_of_tries_that_overlap_the_first_manifest_stands(task, tmp_path, memory, to, exclusive, monkeypatch):
    to = to.format(tmp_path=tmp_path)
    if not exclusive:  # a storage that can't write only where nothing is
        pipe_file = type(memory).pipe_file

        def overwrites(self, path, value, mode="overwrite", **kwargs):
            if mode != "overwrite":
                raise NotImplementedError
            pipe_file(self, path, value, **kwargs)

        monkeypatch.setattr(type(memory), "pipe_file", overwrites)
    orphan = BatchFolder(to, folder_name("same"))
    retry = BatchFolder(to, folder_name("same"))
    lines = [json.dumps(contact).encode() + b"\n" for contact in OWN]
    theirs = []

    def slow_lines():
        yield lines[0]
        theirs.append(retry.write(lines, 2, {}))  # the retry is through while the orphan still writes
        yield lines[1]

    adopted = orphan.write(slow_lines(), 5, {"of": "the orphan"})
    assert theirs == [adopted] == [retry.manifest()]
    assert contents(orphan.urls(adopted)) == contents(retry.urls(adopted)) == [[ADA, BOB], [CLEO]]


def test_a_batch_is_the_same_batch_whatever_its_place_in_a_list():
    url = f"s3://crm@bucket/batches/{folder_name('x')}/{'0' * 32}/00012.jsonl.gz"
    assert batch_of(url) == f"{folder_name('x')}/00012"
    for other in ("s3://crm/due.csv", "/data/00012.jsonl.gz", [], None, url + "/x"):
        assert batch_of(other) is None


def test_a_batchs_name_and_the_manifest_tell_of_nobody(task, tmp_path):
    task(run_id=f"run of {ADA}")
    urls = contact_batches(OWN, to=str(tmp_path))
    (manifest,) = tmp_path.glob("*/manifest.json")
    assert set(json.loads(manifest.read_text())) == {"written_by", "contacts", "report"}
    shown = manifest.read_text() + " ".join(files(tmp_path)) + " ".join(urls)
    for contact in OWN:
        assert contact["to_phone_number"][1:] not in shown
    assert re.fullmatch(
        r"revox-[a-z2-7]{20}/[0-9a-f]{32}/00001\.jsonl\.gz", urls[0].removeprefix(f"{tmp_path}/")
    )
    assert gzip.decompress(Path(urls[0]).read_bytes()).count(b"\n") == 3


@pytest.mark.parametrize("option", ["contacts", "suppress", "report_path"])
def test_no_other_file_may_lie_in_the_folder_of_the_list_where_each_try_cleans_up(task, tmp_path, option):
    task()
    folder = Path(BatchFolder(str(tmp_path), folder_name("dag", "batches", -1, "run", "run"))._path)
    (folder / "mine").mkdir(parents=True)
    mine = folder / "mine" / "due.csv"
    mine.write_text("phone\n")
    given = {"contacts": [], option: f"file://{tmp_path}/x/../{mine.relative_to(tmp_path)}"}
    contacts = given.pop("contacts")
    with pytest.raises(RevoxRefusedError, match=f"{option}: is a file in the folder of this list"):
        contact_batches(contacts, to=str(tmp_path), phone_field="phone", **given)
    assert mine.exists()
