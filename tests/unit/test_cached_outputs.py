"""Jobs are known by all that decides what they make; what was kept is used only as it was kept."""

import copy
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cached_jobs import BUCKET, MOMENT, Bucket, Items, cached, event_of
from tests.unit.prepared_input import DEFAULT_HYPERPARAMETERS, FIELDS

_DAYS = 30
# What says how a model is judged, or how it is called; of the jobs nothing.
_NOT_OF_THE_JOBS = {
    *("max_mse", "max_mse_increase", "gate_metric", "gate_threshold", "if_not_comparable"),
    *("approval", "approval_min_improvement", "approval_timeout_seconds"),
    *("tags", "started_by", "cache"),
    *(name for name in FIELDS if name.startswith("batch_")),
}
# Beside what it says; a wait that is no spot instance's is not sent at all.
_WITH: dict[str, dict[str, Any]] = {
    "training_max_wait_seconds": {"training_use_spot": True},
    "gate_metric": {"gate_threshold": 0.4},
}
_OF_TRAINING = {"tuning", *(name for name in FIELDS if name.startswith("training_"))}
# In how many parts preprocessing writes.
_OF_BOTH = {"training_instance_count"}
_OTHER_HYPERPARAMETERS = {
    "objective": "reg:gamma",
    **{
        name: float(value) / 2 if name != "num_round" else 7
        for name, value in DEFAULT_HYPERPARAMETERS.items()
        if name not in ("objective", "max_depth", "min_child_weight")
    },
    "max_depth": 3,
    "min_child_weight": 2,
    "lambda": 2,
    "seed": 5,
}


def _filled(bucket_name: str = BUCKET) -> Bucket:
    bucket = Bucket()
    for name in ("preprocess.py", "columns.py", "evaluate.py"):
        bucket.put(f"s3://{bucket_name}/jobs/0123/{name}", name.encode())
    for name in ("a.csv", "b.csv", "below/c.csv"):
        bucket.put(f"s3://{bucket_name}/input/{name}", f"M,0.4,{name}\n".encode())
    return bucket


def _keys(event: dict[str, Any], bucket: Bucket) -> Any:
    table = cached.lookup.Table("cache", Items())
    found = cached.lookup.look_up(event, table=table, s3=bucket, now=MOMENT.timestamp())
    return cached.keys.Keys(**found["keys"])


_KEYS = _keys(event_of(), _filled())


# ------------------------------------------------------------------------------------- keys


def test_an_execution_of_another_name_has_the_same_keys() -> None:
    assert _keys(event_of(name="run-2"), _filled()) == _KEYS


def test_the_same_scripts_and_data_in_another_bucket_have_the_same_keys() -> None:
    event = event_of({"input_data_uri": "s3://other/input/"}, JobScriptsUri="s3://other/jobs/0123/")

    assert _keys(event, _filled("other")) == _KEYS


@pytest.mark.parametrize("name", sorted(set(FIELDS) - _NOT_OF_THE_JOBS - {"input_data_uri"}))
def test_every_setting_of_a_job_that_changes_makes_another_key(name: str) -> None:
    beside = _WITH.get(name, {})
    before = _keys(event_of(beside), _filled())

    changed = _keys(event_of({**beside, name: FIELDS[name][1]}), _filled())

    assert changed.training != before.training
    is_both = name not in _OF_TRAINING or name in _OF_BOTH
    assert (changed.preprocessing != before.preprocessing) == is_both


@pytest.mark.parametrize("name", sorted(_OTHER_HYPERPARAMETERS))
def test_every_hyperparameter_that_changes_makes_another_key_of_training_alone(name: str) -> None:
    changed = _keys(event_of({"hyperparameters": {name: _OTHER_HYPERPARAMETERS[name]}}), _filled())

    assert changed.training != _KEYS.training
    assert changed.preprocessing == _KEYS.preprocessing


@pytest.mark.parametrize("name", sorted(_NOT_OF_THE_JOBS))
def test_what_a_model_is_judged_by_and_called_changes_no_key(name: str) -> None:
    beside = _WITH.get(name, {})
    assert _keys(event_of({**beside, name: FIELDS[name][1]}), _filled()) == _KEYS


@pytest.mark.parametrize("name", ["ProcessingImageUri", "XGBoostImageUri"])
def test_another_image_makes_another_key(name: str) -> None:
    other = {name: "1.dkr.ecr.us-east-1.amazonaws.com/other:2"}
    changed = _keys(event_of({}, **other), _filled())

    assert changed.training != _KEYS.training
    assert (changed.preprocessing != _KEYS.preprocessing) == (name == "ProcessingImageUri")


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in items:
        if isinstance(item, dict | list):
            yield from _leaves(item, (*path, name))
        else:
            yield (*path, name)


def _other(value: Any) -> Any:
    return (
        not value
        if isinstance(value, bool)
        else value + 1
        if isinstance(value, int)
        else f"{value}x"
    )


_REQUESTS = [
    (field, path) for field in ("Preprocessing", "Training") for path in _leaves(event_of()[field])
]
_NOWHERE = ("S3Uri", "S3OutputPath")


@pytest.mark.parametrize(
    ("field", "path"), [(field, path) for field, path in _REQUESTS if path[-1] not in _NOWHERE]
)
def test_every_value_of_a_request_that_changes_makes_another_key(
    field: str, path: tuple[Any, ...]
) -> None:
    event = event_of()
    inside: Any = event[field]
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = _other(inside[path[-1]])

    assert _keys(event, _filled()).training != _KEYS.training


@pytest.mark.parametrize("field", ["Preprocessing", "Training"])
def test_whatever_a_request_holds_more_makes_another_key(field: str) -> None:
    event = event_of()
    event[field]["Environment"] = {"MODE": "fast"}

    assert _keys(event, _filled()).training != _KEYS.training


@given(
    place=st.sampled_from(sorted(_filled().objects)),
    at=st.integers(0, 5),
    bit=st.integers(0, 7),
)
def test_a_changed_bit_of_data_or_script_makes_other_keys(
    place: tuple[str, str], at: int, bit: int
) -> None:
    bucket = _filled()
    content = bytearray(bucket.objects[place])
    content[at] ^= 1 << bit
    bucket.objects[place] = bytes(content)

    changed = _keys(event_of(), bucket)

    assert changed.preprocessing != _KEYS.preprocessing
    assert changed.training != _KEYS.training


@pytest.mark.parametrize("folder", ["jobs/0123", "input"])
@pytest.mark.parametrize("change", ["more", "fewer", "renamed", "swapped"])
def test_other_objects_make_other_keys(folder: str, change: str) -> None:
    bucket = _filled()
    first, second = [place for place in sorted(bucket.objects) if place[1].startswith(folder)][:2]
    content = bucket.objects[first]
    if change == "more":
        bucket.put(f"s3://{BUCKET}/{folder}/more", b"")
    elif change == "swapped":
        bucket.objects[first], bucket.objects[second] = bucket.objects[second], content
    else:
        del bucket.objects[first]
    if change == "renamed":
        bucket.put(f"s3://{BUCKET}/{first[1]}x", content)

    changed = _keys(event_of(), bucket)

    assert changed.preprocessing != _KEYS.preprocessing
    assert changed.training != _KEYS.training


# ------------------------------------------------------------------------- looking and keeping


@dataclasses.dataclass
class _World:
    bucket: Bucket = dataclasses.field(default_factory=_filled)
    items: Items = dataclasses.field(default_factory=Items)
    now: datetime = MOMENT

    def look(self, execution_input: dict[str, Any] | None = None, name: str = "run-1") -> Any:
        return self.look_for(event_of(execution_input, name=name))

    def look_for(self, event: dict[str, Any]) -> Any:
        table = cached.lookup.Table("cache", self.items)
        return cached.lookup.look_up(event, table=table, s3=self.bucket, now=self.now.timestamp())

    def keep(self, found: Any, name: str = "run-1", started: str = "12:00:00", **more: Any) -> str:
        """Have the jobs of an execution run, and its model recorded."""
        processing = event_of(name=name)["Processing"]
        for output in ("train", "validation", "test", "rejected", "report"):
            self.bucket.put(f"{processing[f'{output}_uri']}part-0", f"{name} {output}".encode())
        artifact_uri = f"s3://{BUCKET}/training/{name}/job/output/model.tar.gz"
        self.bucket.put(artifact_uri, name.encode())
        table = cached.lookup.Table("cache", self.items)
        event = {
            "ExecutionArn": f"arn:aws:states:us-east-1:123456789012:execution:abalone:{name}",
            "ExecutionStartTime": f"2026-11-29T{started}Z",
            "Cached": found,
            "Preprocessing": processing,
            "ProcessingJob": {"ProcessingJobName": f"{name}-job", "ExitMessage": "all rows"},
            "TrainingJob": {
                "TrainingJobName": f"{name}-job",
                "ModelArtifacts": {"S3ModelArtifacts": artifact_uri},
            },
            "Tuned": {"hyperparameters": {"eta": "0.3"}, "job_name": f"{name}-search"},
            **more,
        }
        return str(
            cached.recorded.keep_outputs(
                event,
                table=table,
                s3=self.bucket,
                now=self.now.timestamp(),
                retention_days=_DAYS,
            )["note"]
        )


def _world(name: str = "run-1") -> _World:
    """Return one in which an execution has kept what it made."""
    world = _World()
    world.keep(world.look(name=name), name)
    return world


def test_where_nothing_was_kept_the_jobs_run_and_may_be_kept() -> None:
    found = _World().look()

    assert (found["has_data"], found["has_model"], found["to_keep"]) == (False, False, True)
    assert found["note"].startswith("Reused: nothing. Preprocessing: no recorded execution")
    assert found["lineage"] == "nothing"


def test_what_was_kept_takes_the_place_of_what_the_jobs_would_leave() -> None:
    found = _world().look(name="run-2")

    first = event_of(name="run-1")["Processing"]
    state = found["state"]
    assert (found["has_data"], found["has_model"], found["to_keep"]) == (True, True, False)
    assert state["processing"] == first
    assert state["processing_job"]["ExitMessage"] == "all rows"
    assert state["training_job"]["ModelArtifacts"]["S3ModelArtifacts"].endswith("model.tar.gz")
    assert state["tuning"]["best"]["job_name"] == "run-1-search"
    assert found["note"] == "Reused: the data and the model of run-1 (2026-11-29 12:00 UTC)"
    assert found["lineage"] == "preprocessing of run-1 and training of run-1"
    assert [job["name"] for job in found["jobs"]] == ["run-1-job", "run-1-job"]
    assert "state" not in state["cached"]


def test_other_hyperparameters_reuse_the_data_alone_and_keep_their_model() -> None:
    world = _world()
    other = {"hyperparameters": {"num_round": 7}}

    found = world.look(other, "run-2")
    world.keep(found, "run-2")
    again = world.look(other, "run-3")

    assert (found["has_data"], found["has_model"], found["to_keep"]) == (True, False, True)
    assert "training_job" not in found["state"]
    assert again["lineage"] == "preprocessing of run-1 and training of run-2"


@pytest.mark.parametrize("output", ["train", "validation", "test", "rejected", "report"])
@pytest.mark.parametrize("change", ["gone", "changed", "more"])
def test_outputs_that_are_not_what_was_kept_are_not_used(output: str, change: str) -> None:
    world = _world()
    uri = event_of(name="run-1")["Processing"][f"{output}_uri"]
    if change == "gone":
        del world.bucket.objects[BUCKET, f"{uri}part-0".removeprefix(f"s3://{BUCKET}/")]
    else:
        world.bucket.put(f"{uri}part-{1 if change == 'more' else 0}", b"another")

    found = world.look(name="run-2")

    assert not found["has_data"]
    assert not found["has_model"]
    assert "gone or was changed" in found["note"]


def test_a_model_that_is_gone_is_trained_again_on_the_data_that_is_there() -> None:
    world = _world()
    del world.bucket.objects[BUCKET, "training/run-1/job/output/model.tar.gz"]

    found = world.look(name="run-2")

    assert (found["has_data"], found["has_model"], found["to_keep"]) == (True, False, True)


@pytest.mark.parametrize(
    ("age", "bound", "has_data"),
    [
        (timedelta(0), "PT0S", False),
        (timedelta(days=6, hours=23), "P7D", True),
        (timedelta(days=7), "P7D", False),
        (timedelta(days=_DAYS) - timedelta(seconds=1), None, True),
        (timedelta(days=_DAYS), None, False),
    ],
)
def test_what_is_too_old_is_not_used(age: timedelta, bound: str | None, has_data: bool) -> None:
    world = _world()
    world.now += age

    found = world.look({"cache": {"expires_after": bound} if bound else True}, "run-2")

    assert found["has_data"] == has_data


@pytest.mark.parametrize("when", ["changed", "changed and back"])
@pytest.mark.parametrize("key", ["input/a.csv", "jobs/0123/columns.py"])
def test_nothing_is_kept_where_an_input_changed_while_the_jobs_ran(when: str, key: str) -> None:
    world = _World()
    found = world.look()
    content = b"another" if when == "changed" else world.bucket.objects[BUCKET, key]
    world.bucket.put(f"s3://{BUCKET}/{key}", content, MOMENT + timedelta(seconds=60))

    note = world.keep(found)

    assert note.startswith("Kept nothing: s3://")
    assert world.items.items == {}


@pytest.mark.parametrize("order", [("12:00:00", "12:00:01"), ("12:00:01", "12:00:00")])
def test_of_executions_at_once_that_which_started_last_stays_whole(order: tuple[str, str]) -> None:
    world = _World()
    found = {name: world.look(name=name) for name in ("run-a", "run-b")}
    for name, started in zip(found, order, strict=True):
        world.keep(found[name], name, started)

    newest = "run-b" if order[0] < order[1] else "run-a"
    assert world.look(name="run-c")["lineage"] == (
        f"preprocessing of {newest} and training of {newest}"
    )


def test_a_newer_execution_takes_the_place_of_what_is_too_old() -> None:
    world = _world()
    found = world.look({"cache": {"expires_after": "PT0S"}}, "run-2")
    world.keep(found, "run-2", "12:00:01")

    assert world.look(name="run-3")["lineage"] == "preprocessing of run-2 and training of run-2"


def test_more_objects_than_are_looked_at_are_not_compared() -> None:
    world = _World()
    for number in range(cached.contents.OBJECTS_MAXIMUM + 1):
        world.bucket.put(f"s3://{BUCKET}/input/{number}", b"")

    found = world.look()

    assert (found["has_data"], found["to_keep"], found["keys"]) == (False, False, None)
    assert "more than 10,000 objects" in found["note"]


def test_an_event_is_not_changed() -> None:
    event = event_of(name="run-2")
    before = copy.deepcopy(event)

    _world().look_for(event)

    assert event == before


def test_the_execution_of_an_entry_is_named_as_the_registry_takes_it() -> None:
    world = _World()
    world.keep(world.look(name="a!b"), "a!b")

    assert world.look(name="run-2")["lineage"] == "preprocessing of a_b and training of a_b"


def test_times_of_objects_are_compared_in_whole_seconds() -> None:
    bucket = Bucket()
    bucket.put("s3://b/k", b"", datetime(2026, 1, 1, 0, 0, 0, 900_000, tzinfo=UTC))

    assert cached.contents.content_of("s3://b/k", s3=bucket).changed_at.microsecond == 0
