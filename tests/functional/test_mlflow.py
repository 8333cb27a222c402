"""Executions in a real MLflow server, which `make mlflow` sets up.

Skipped where it is not, but not in CI, which must not pass without it.
"""

import io
import json
import os
import socket
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import urllib3
import xgboost as xgb

from emulated.waiting import eventually
from tests.conftest import PROJECT_DIR
from tests.unit.execution_history import ARN, START, History, documents
from tests.unit.test_report_record import BUCKET, GIVEN, PREPARED
from workflow.definition import names
from workflow.report.build import record_of
from workflow.report.record import Record
from workflow.report.sources import Sources
from workflow.report.tracked import track
from workflow.report.tracking_server import TrackingServer

# It creates some fifty tables first.
_START_SECONDS = 300.0
ENVIRONMENT = {
    **os.environ,
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
BIN = PROJECT_DIR / ".venv-mlflow" / "bin"
ROWS = np.random.default_rng(1).random((40, 3)).astype(np.float32)
LOG = "[0]\ttrain-rmse:3.5\tvalidation-rmse:3.75\n[1]\ttrain-rmse:2.5\tvalidation-rmse:2.75\n"
# What somebody sees who uses MLflow's own client.
SEEN = """
import json, sys
import mlflow, numpy, xgboost
client = mlflow.MlflowClient()
(run,) = client.search_runs([client.get_experiment_by_name("abalone").experiment_id])
history = client.get_metric_history(run.info.run_id, "validation rmse by round")
booster = mlflow.xgboost.load_model(f"runs:/{run.info.run_id}/model")
rows = numpy.array(json.loads(sys.argv[1]), numpy.float32)
print(json.dumps({
    "status": run.info.status,
    "name": run.info.run_name,
    "params": run.data.params,
    "metrics": run.data.metrics,
    "tags": run.data.tags,
    "history": [[point.step, point.value] for point in history],
    "files": sorted(item.path for item in client.list_artifacts(run.info.run_id)),
    "predicted": booster.predict(xgboost.DMatrix(rows)).tolist(),
}))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BIN / "mlflow").exists() and not os.environ.get("CI"),
        reason="`make mlflow` has not been run",
    ),
]


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(str(BIN / "mlflow"), "server", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{folder}/runs.db", "--workers", "1"),
        *("--artifacts-destination", str(folder / "files")),
    ]
    url = f"http://127.0.0.1:{port}"
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=ENVIRONMENT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            assert eventually(lambda: _answers(url), seconds=_START_SECONDS)
            yield url
        finally:
            os.killpg(process.pid, 15)
            process.wait(30)


def _answers(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/health", retries=False, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def booster() -> xgb.Booster:
    return xgb.train({"nthread": 1}, xgb.DMatrix(ROWS, ROWS.sum(axis=1)), 3)


def archive() -> bytes:
    """Return a model.tar.gz as training leaves it."""
    content, file = bytes(booster().save_raw("ubj")), io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as held:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        held.addfile(member, io.BytesIO(content))
    return file.getvalue()


def released() -> tuple[Record, Sources]:
    """Return the record of a released model, and the files of its jobs."""
    files = {f"{BUCKET}/model.tar.gz": archive()}
    trained = {
        "ModelArtifacts": {"S3ModelArtifacts": f"{BUCKET}/model.tar.gz"},
        "FinalMetricDataList": [{"MetricName": "validation:rmse", "Value": 2.75}],
    }
    document = {
        **PREPARED,
        "training_job": trained,
        "judgement": {"mse": 4.25, "rmse": 2.0615, "reason": "good"},
        "recorded": {"ModelName": "model-1"},
    }
    history = History()
    history.enter(names.TRAIN_MODEL, PREPARED)
    history.add("TaskScheduled", {"parameters": {"TrainingJobName": "job-1"}})
    history.leave(names.TRAIN_MODEL, document)
    history.enter(names.MODEL_RELEASED, document, "Succeed")
    sources = Sources(
        read_start=lambda uri, maximum: files[uri][:maximum] if uri in files else None,
        uris_under=lambda _: [],
        log_tail=lambda *_: LOG.splitlines(),
    )
    return record_of(documents(history, given=GIVEN), sources, now=START), sources


def test_a_run_shows_its_parameters_metrics_report_and_a_model_that_predicts(
    server_url: str, tmp_path: Path
) -> None:
    record, sources = released()
    server = TrackingServer(server_url, None)

    first, again = track(record, server, sources), track(record, server, sources)

    assert first == again
    assert first.without_files is None
    done = subprocess.run(
        [BIN / "python", "-c", SEEN, json.dumps(ROWS.tolist())],
        cwd=tmp_path,
        env={**ENVIRONMENT, "MLFLOW_TRACKING_URI": server_url},
        capture_output=True,
        text=True,
        check=True,
    )
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert (seen["status"], seen["name"]) == ("FINISHED", "run-1")
    assert seen["params"]["hyperparameters.eta"] == "0.1"
    assert seen["params"] == {item.name: str(item.value) for item in record.settings}
    assert seen["metrics"]["mse"] == 4.25
    assert seen["metrics"]["validation.rmse"] == 2.75
    assert seen["history"][:2] == [[0, 3.75], [1, 2.75]]
    assert seen["tags"]["execution_arn"] == ARN
    assert seen["tags"]["verdict"] == "released"
    assert seen["files"] == ["model", "report.html", "run.json"]
    np.testing.assert_allclose(seen["predicted"], booster().predict(xgb.DMatrix(ROWS)), rtol=1e-5)


def test_what_the_server_refuses_is_told(server_url: str) -> None:
    record, sources = released()

    told = track(record, TrackingServer(f"{server_url}/", None), sources)

    assert told.without_files is None
    with pytest.raises(Exception, match=r"answers 404 to /nowhere/api/2.0/mlflow/"):
        track(record, TrackingServer(f"{server_url}/nowhere", None), sources)
