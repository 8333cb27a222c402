"""Training in a directory laid out as /opt/ml, for real and in a few rounds."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from emulated.opt_ml import (
    CSV_CHANNEL,
    HYPERPARAMETERS,
    csv_text,
    evaluation_lines,
    failure_of,
    lay_out,
    rows,
)
from pocketaws.processes.zygote_process import Zygote
from pocketaws.sagemaker.xgboost.hyperparameters import HyperparameterError
from pocketaws.sagemaker.xgboost.log import TrainingError, final_metrics, runtime_warnings
from pocketaws.sagemaker.xgboost.training import main, train


def model_of(root: Path) -> xgb.Booster:
    return xgb.Booster(model_file=bytearray((root / "model" / "xgboost-model").read_bytes()))


def predictions(root: Path, table: np.ndarray) -> np.ndarray:
    predicted: np.ndarray = model_of(root).predict(xgb.DMatrix(table[:, 1:].astype(np.float32)))
    return predicted


def test_one_file_gives_a_model_that_predicts(tmp_path: Path) -> None:
    table = rows(300)
    root = lay_out(
        tmp_path,
        {"train/part-0.csv": csv_text(table)},
        hyperparameters={**HYPERPARAMETERS, "num_round": "30"},
    )

    train(root)

    assert np.corrcoef(predictions(root, table), table[:, 0])[0, 1] > 0.98
    assert not (root / "output" / "failure").exists()


def test_several_files_train_the_model_of_their_concatenation(tmp_path: Path) -> None:
    table = rows(200)
    whole = lay_out(tmp_path / "whole", {"train/all.csv": csv_text(table)})
    parts = lay_out(
        tmp_path / "parts",
        {
            "train/part-1.csv": csv_text(table[50:120]),
            "train/deeper/part-2.csv": csv_text(table[:50]),
            "train/part-2.csv": csv_text(table[120:]),
        },
    )

    train(whole)
    train(parts)

    assert (predictions(whole, table) == predictions(parts, table)).all()


def test_the_same_data_gives_the_same_model(tmp_path: Path) -> None:
    table = rows(200)
    hyperparameters = {**HYPERPARAMETERS, "subsample": "0.7"}
    for name in ("first", "second"):
        files = {"train/a.csv": csv_text(table[:90]), "train/b.csv": csv_text(table[90:])}
        train(lay_out(tmp_path / name, files, hyperparameters=hyperparameters))

    first, second = (tmp_path / name / "model" / "xgboost-model" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()


def test_every_round_is_printed_with_tabs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {"train/a.csv": csv_text(rows(100)), "validation/a.csv": csv_text(rows(50, seed=8))}
    train(lay_out(tmp_path, files))

    lines = evaluation_lines(capfd.readouterr().out)
    assert len(lines) == int(HYPERPARAMETERS["num_round"])
    assert re.fullmatch(r"\[4\]\ttrain-rmse:\d+\.\d{5}\tvalidation-rmse:\d+\.\d{5}", lines[4])
    assert set(final_metrics(lines)) == {"train:rmse", "validation:rmse"}


def test_the_metric_of_a_tuning_job_is_computed_and_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {"train/a.csv": csv_text(rows(100)), "validation/a.csv": csv_text(rows(50, seed=8))}
    hyperparameters = {**HYPERPARAMETERS, "_tuning_objective_metric": "validation:mse"}
    train(lay_out(tmp_path, files, hyperparameters=hyperparameters))

    metrics = final_metrics(evaluation_lines(capfd.readouterr().out))
    assert metrics["validation:mse"] == pytest.approx(metrics["validation:rmse"] ** 2, rel=1e-3)


def labelled(labels: np.ndarray, count: int = 200) -> str:
    table = rows(count)
    table[:, 0] = labels
    return csv_text(table)


def evaluated(
    root: Path, text: str, capfd: pytest.CaptureFixture[str], **hyperparameters: str
) -> dict[str, float]:
    """Train two rounds on rows and return the last metrics."""
    train(
        lay_out(root, {"train/a.csv": text}, hyperparameters={"num_round": "2", **hyperparameters})
    )
    return final_metrics(evaluation_lines(capfd.readouterr().out))


def test_the_class_metrics_take_probabilities_for_margins_as_the_container_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ones = rows(200)[:, 1] > 0.2
    metrics = evaluated(
        tmp_path,
        labelled(ones),
        capfd,
        objective="binary:logistic",
        eval_metric="error,accuracy,f1_binary,precision,recall,balanced_accuracy",
    )

    assert metrics["train:error"] < 0.05
    assert metrics["train:accuracy"] == pytest.approx(ones.mean(), abs=1e-5)
    assert metrics["train:precision"] == pytest.approx(ones.mean(), abs=1e-5)
    assert metrics["train:recall"] == 1
    assert metrics["train:f1_binary"] == pytest.approx(
        2 * ones.mean() / (ones.mean() + 1), abs=1e-5
    )
    assert metrics["train:balanced_accuracy"] == 0.5


def test_the_class_metrics_of_margins_agree_with_xgboosts_own_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    metrics = evaluated(
        tmp_path,
        labelled(rows(200)[:, 1] > 1),
        capfd,
        objective="binary:logitraw",
        max_depth="1",
        eval_metric="error@0,accuracy,f1_binary,precision,recall",
    )

    precision, recall = metrics["train:precision"], metrics["train:recall"]
    assert metrics["train:accuracy"] == pytest.approx(1 - metrics["train:error@0"], abs=2e-5)
    assert metrics["train:f1_binary"] == pytest.approx(
        2 * precision * recall / (precision + recall), abs=2e-5
    )


@pytest.mark.parametrize(
    ("objective", "is_right"), [("multi:softprob", True), ("multi:softmax", False)]
)
def test_of_three_classes_only_probabilities_are_told_apart(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], objective: str, *, is_right: bool
) -> None:
    labels = np.digitize(rows(200)[:, 1], [-0.3, 0.3])
    metrics = evaluated(
        tmp_path,
        labelled(labels),
        capfd,
        objective=objective,
        num_class="3",
        eval_metric="merror,accuracy,recall_macro",
    )

    # A class above 0 counts as 1: class 2 is never found.
    expected = 1 - metrics["train:merror"] if is_right else (labels < 2).mean()
    assert metrics["train:accuracy"] == pytest.approx(expected, abs=0.02)
    assert metrics["train:recall_macro"] == pytest.approx(1 if is_right else 2 / 3, abs=0.05)


@pytest.mark.parametrize(
    ("labels", "hyperparameters", "reason"),
    [
        (
            rows(200)[:, 0],
            {"objective": "reg:squarederror", "eval_metric": "accuracy"},
            "can't handle a mix of continuous and binary targets",
        ),
        (
            np.arange(200) % 2 + 0.5,
            {"objective": "reg:squarederror", "eval_metric": "rmse,f1"},
            "can't handle a mix of continuous and binary targets",
        ),
        (
            np.arange(200) % 3,
            {"objective": "multi:softprob", "num_class": "3", "eval_metric": "precision"},
            "Target is multiclass but average='binary'",
        ),
        (
            np.arange(200) % 2 * 5,
            {"objective": "reg:squarederror", "eval_metric": "recall", "base_score": "9"},
            "Target is multiclass but average='binary'",
        ),
        (
            np.arange(200) % 3,
            {"objective": "multi:softprob", "num_class": "3", "eval_metric": "mse"},
            "y_true and y_pred have different number of output (1!=3)",
        ),
    ],
)
def test_a_metric_that_the_labels_do_not_allow_fails_the_job(
    tmp_path: Path, labels: np.ndarray, hyperparameters: dict[str, str], reason: str
) -> None:
    root = lay_out(
        tmp_path,
        {"train/a.csv": labelled(labels)},
        hyperparameters={"num_round": "1", **hyperparameters},
    )

    with pytest.raises(TrainingError, match=re.escape(reason)):
        train(root)
    assert "XGB train call failed with exception" in failure_of(root)


def test_the_accuracy_of_a_regression_on_whole_numbers_is_computed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    metrics = evaluated(
        tmp_path,
        labelled(np.arange(200) % 4),
        capfd,
        objective="reg:squarederror",
        eval_metric="accuracy",
    )

    assert metrics["train:accuracy"] == 0.25


def test_training_stops_early_and_keeps_the_best_model(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    noise = rows(60)
    noise[:, 0] = np.random.default_rng(1).normal(size=60)
    files = {"train/a.csv": csv_text(noise), "validation/a.csv": csv_text(rows(60, seed=8))}
    hyperparameters = {
        "num_round": "200",
        "objective": "reg:squarederror",
        "eval_metric": "rmse",
        "early_stopping_rounds": "3",
    }
    root = lay_out(tmp_path, files, hyperparameters=hyperparameters)
    train(root)

    rounds_run = len(evaluation_lines(capfd.readouterr().out))
    assert rounds_run < 200
    assert model_of(root).num_boosted_rounds() == rounds_run - 3


def test_early_stopping_without_a_named_metric_does_nothing_as_in_the_container(
    tmp_path: Path,
) -> None:
    noise = rows(60)
    noise[:, 0] = np.random.default_rng(1).normal(size=60)
    files = {"train/a.csv": csv_text(noise), "validation/a.csv": csv_text(rows(60, seed=8))}
    hyperparameters = {"num_round": "30", "early_stopping_rounds": "3"}
    root = lay_out(tmp_path, files, hyperparameters=hyperparameters)
    train(root)

    assert model_of(root).num_boosted_rounds() == 30


def test_the_second_column_weighs_the_rows_when_asked(tmp_path: Path) -> None:
    table = rows(100)
    weights = np.where(np.arange(100) < 50, 1.0, 0.0)
    weighted = np.column_stack([table[:, :1], weights, table[:, 1:]])
    hyperparameters = {**HYPERPARAMETERS, "csv_weights": "1", "base_score": "0.5"}
    root = lay_out(
        tmp_path / "weighted",
        {"train/a.csv": csv_text(weighted)},
        hyperparameters=hyperparameters,
    )
    half = lay_out(
        tmp_path / "half",
        {"train/a.csv": csv_text(table[:50])},
        hyperparameters={**HYPERPARAMETERS, "base_score": "0.5"},
    )
    train(root)
    train(half)

    assert model_of(root).num_features() == 3
    assert np.corrcoef(predictions(root, table), predictions(half, table))[0, 1] > 0.99


@pytest.mark.parametrize("delimiter", [";", "\t", " "])
def test_the_delimiter_is_found_in_the_first_line(tmp_path: Path, delimiter: str) -> None:
    table = rows(80)
    with_commas = lay_out(tmp_path / "commas", {"train/a": csv_text(table)})
    other = lay_out(tmp_path / "other", {"train/a": csv_text(table, delimiter)})
    train(with_commas)
    train(other)

    assert (predictions(with_commas, table) == predictions(other, table)).all()


def test_an_empty_cell_is_a_missing_value(tmp_path: Path) -> None:
    text = csv_text(rows(50)) + "1.5,,0.25,0.5\n"
    root = lay_out(tmp_path, {"train/a.csv": text})

    train(root)

    assert model_of(root).num_features() == 3


def test_libsvm_is_the_content_type_where_none_is_given(tmp_path: Path) -> None:
    table = rows(100)
    text = "".join(
        f"{row[0]:.5f} " + " ".join(f"{i}:{cell:.5f}" for i, cell in enumerate(row[1:])) + "\n"
        for row in table
    )
    root = lay_out(
        tmp_path,
        {"train/a": text[: len(text) // 2].rpartition("\n")[0], "train/b": text},
        channels={"train": {"TrainingInputMode": "File"}},
    )
    train(root)

    assert model_of(root).num_features() == 3


def test_a_failure_is_told_in_the_failure_file_and_the_exit_code(tmp_path: Path) -> None:
    root = lay_out(tmp_path, {"train/a.csv": csv_text(rows(9))}, hyperparameters={"eta": "0.2"})

    assert main(root=str(root)) == 1
    assert failure_of(root) == "framework error: \nMissing required hyperparameter: num_round"
    assert not (root / "model").exists()


def test_a_refused_hyperparameter_is_raised_to_the_caller(tmp_path: Path) -> None:
    root = lay_out(tmp_path, {"train/a.csv": csv_text(rows(9))}, hyperparameters={"num_round": "0"})

    with pytest.raises(HyperparameterError, match="num_round: 0 is not in"):
        train(root)


def test_rows_that_are_no_numbers_train_and_are_told_in_the_runtimes_voice(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = "rings,sex,length\n1,M,0.5\n2,F,0.75\n3,F,0.25\n"
    root = lay_out(tmp_path, {"train/part-0.csv": text})

    train(root)

    told = runtime_warnings(capfd.readouterr().out.splitlines())
    assert model_of(root).num_features() == 2
    assert len(told) == 2
    assert "1 rows hold no number" in told[0]
    assert "3 cells were read as something else" in told[1]
    assert "'M' in column 2 of line 2 of part-0.csv as missing" in told[1]


NOT_SUPPORTED = "Channel configuration for 'train' channel is not supported"


def csv_channel(**changes: str) -> dict[str, dict[str, str]]:
    return {"train": {**CSV_CHANNEL, **changes}}


@pytest.mark.parametrize(
    ("files", "channels", "reason"),
    [
        ({}, csv_channel(), "No data in training channel path /opt/ml/input/data/train"),
        ({"train/a.csv": ""}, csv_channel(), "No data in training channel path"),
        (
            {"train/a.csv": "1,2\n"},
            {**csv_channel(), "validation": CSV_CHANNEL},
            "No data in validation channel path /opt/ml/input/data/validation",
        ),
        ({"train/a.csv": "1,2\n"}, {"validation": CSV_CHANNEL}, "Missing required channel: train"),
        (
            {"train/a.csv": "1,2\n"},
            {**csv_channel(), "test": CSV_CHANNEL},
            "Extraneous channel found: test",
        ),
        ({"train/.a.csv": "1,2\n"}, csv_channel(), "Hidden file found in the data path!"),
        ({"train/a.csv": "\n1,2\n"}, csv_channel(), "a.csv: Could not determine delimiter on line"),
        ({"train/a.csv": "1,2\n3\n"}, csv_channel(), "Delimiter ',' is not found in the line"),
        (
            {"train/a": "1,2,3\n"},
            csv_channel(ContentType="libsvm"),
            "First line '1,2,3\n...' of file 'a' is not 'LIBSVM' format",
        ),
        *(
            ({"train/a": "1,2\n"}, csv_channel(**changes), NOT_SUPPORTED)
            for changes in (
                {"ContentType": "text/csv; charset=utf-8"},
                {"ContentType": "text/csv;label_size=1"},
                {"ContentType": "text/csv; label_size=2"},
                {"ContentType": "CSV"},
                {"ContentType": "Text/CSV"},
                {"ContentType": " text/csv"},
                {"ContentType": ""},
                {"ContentType": "image/png"},
                {"TrainingInputMode": "FastFile"},
                {"TrainingInputMode": "file"},
                {"TrainingInputMode": "Pipe", "ContentType": "text/libsvm"},
                {"S3DistributionType": "Halved"},
            )
        ),
        (
            {"train/a": "1,2\n"},
            {**csv_channel(), "validation": {**CSV_CHANNEL, "ContentType": "CSV"}},
            "Channel configuration for 'validation' channel is not supported",
        ),
        (
            {"train/a": "1,2\n"},
            {**csv_channel(), "code": {"TrainingInputMode": "File"}},
            "Channel configuration for 'code' channel is not supported",
        ),
        ({"train/a": "x"}, csv_channel(ContentType="recordio-protobuf"), "not reproduced locally"),
        ({"train/a": "x"}, csv_channel(ContentType="parquet"), "Failed to load parquet data"),
        (
            {"train/a": "1,2\n"},
            csv_channel(TrainingInputMode="Pipe"),
            "Pipe mode for csv is refused by image 3.2-0",
        ),
        (
            {"train/a": "x"},
            csv_channel(TrainingInputMode="Pipe", ContentType="application/x-parquet"),
            "Pipe mode for parquet is refused by image 3.2-0",
        ),
    ],
)
def test_input_that_the_container_refuses_is_refused(
    tmp_path: Path,
    files: dict[str, str],
    channels: dict[str, dict[str, str]],
    reason: str,
) -> None:
    root = lay_out(tmp_path, files, channels=channels)

    with pytest.raises(TrainingError, match=re.escape(reason)):
        train(root)
    assert reason in failure_of(root)


def test_what_xgboost_refuses_is_told_without_its_stack_trace(tmp_path: Path) -> None:
    root = lay_out(
        tmp_path,
        {"train/a.csv": csv_text(rows(20))},
        hyperparameters={"num_round": "1", "objective": "binary:logistic", "base_score": "0.5"},
    )

    with pytest.raises(TrainingError, match=r"label must be in \(0, 1\) for logistic regression"):
        train(root)
    assert "Stack trace" not in failure_of(root)


def run_hosts(rendezvous: Path, roots: Sequence[Path]) -> list[int]:
    """Run the hosts of one job at once, each writing ROOT/log; return their exit codes."""
    module = "pocketaws.sagemaker.xgboost.training"
    rendezvous.mkdir()
    zygote = Zygote([module], log_path=rendezvous.with_suffix(".log"))
    try:
        children = [
            zygote.start_child(
                f"{module}:main",
                {"root": str(root), "rendezvous": str(rendezvous)},
                environment={"TMPDIR": str(root)},
                folders=[root, rendezvous],
                log_path=root / "log",
                subject=root.name,
            )
            for root in roots
        ]
        return [child.exit_code.result(timeout=90) for child in children]
    finally:
        zygote.stop()


def test_hosts_with_a_shard_each_train_one_model_and_a_host_without_data_leaves(
    tmp_path: Path,
) -> None:
    table = rows(400)
    # Each shard knows one half of the line only, so that neither alone gives a good model.
    shards = {"algo-1": table[table[:, 1] < 0], "algo-2": table[table[:, 1] >= 0], "algo-3": None}
    roots = [
        lay_out(
            tmp_path / host,
            {} if shard is None else {"train/shard.csv": csv_text(shard)},
            hyperparameters={**HYPERPARAMETERS, "num_round": "20"},
            channels=csv_channel(S3DistributionType="ShardedByS3Key"),
            hosts=tuple(shards),
            current_host=host,
        )
        for host, shard in shards.items()
    ]
    exit_codes = run_hosts(tmp_path / "rendezvous", roots)

    logs = [(root / "log").read_text(encoding="utf-8") for root in roots]
    assert exit_codes == [0, 0, 0], logs
    assert [path.parts[-3] for path in tmp_path.glob("*/model/xgboost-model")] == ["algo-1"]
    assert np.corrcoef(predictions(roots[0], table), table[:, 0])[0, 1] > 0.98
    assert [len(evaluation_lines(log)) for log in logs] == [20, 0, 0]
    assert "algo-3 not being used for distributed training" in logs[2]


def test_a_host_does_not_wait_for_ever_for_one_that_never_comes(tmp_path: Path) -> None:
    root = lay_out(
        tmp_path / "algo-1", {"train/a.csv": csv_text(rows(20))}, hosts=("algo-1", "algo-2")
    )

    with pytest.raises(TrainingError, match=r"Waited in vain for algo-2\.state"):
        train(root, tmp_path, timeout_seconds=0)


def test_a_host_gives_up_at_once_when_another_could_not_read_its_data(tmp_path: Path) -> None:
    hosts = ("algo-1", "algo-2")
    broken = lay_out(
        tmp_path / "algo-2", {"train/a.csv": "1,inf\n"}, hosts=hosts, current_host="algo-2"
    )
    sound = lay_out(tmp_path / "algo-1", {"train/a.csv": csv_text(rows(20))}, hosts=hosts)

    with pytest.raises(TrainingError, match="Input data contains `inf`"):
        train(broken, tmp_path)
    with pytest.raises(TrainingError, match="Host algo-2 failed before"):
        train(sound, tmp_path)
