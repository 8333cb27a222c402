"""Constraints: what is suggested, what people may change in the file, and the settings of a job."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketaws.sagemaker.monitor.monitor_constraints import (
    Constraints,
    FeatureConstraints,
    MonitoringConfig,
    from_document,
    suggest,
    to_document,
)
from pocketaws.sagemaker.monitor.monitor_dataset import Dataset
from pocketaws.sagemaker.monitor.monitor_settings import (
    AnalysisError,
    parse_dataset_format,
    read_settings,
)
from pocketaws.sagemaker.monitor.monitor_statistics import statistics_of

ENVIRONMENT = {
    "dataset_format": '{"csv": {"header": false, "output_columns_position": "START"}}',
    "dataset_source": "in",
    "output_path": "out",
}
SHARES = st.floats(0, 1)


def test_a_baseline_suggests_what_the_image_writes() -> None:
    columns = (("1", "2"), ("-0.5", ""), ("M", "F"), ("", ""))
    dataset = Dataset(("rings", "offset", "sex", "note"), columns, positional=False)

    document = to_document(suggest(statistics_of(dataset)))

    assert document == {
        "version": 0.0,
        "features": [
            {
                "name": "rings",
                "inferred_type": "Integral",
                "completeness": 1.0,
                "num_constraints": {"is_non_negative": True},
            },
            {
                "name": "offset",
                "inferred_type": "Fractional",
                "completeness": 0.5,
                "num_constraints": {"is_non_negative": False},
            },
            {
                "name": "sex",
                "inferred_type": "String",
                "completeness": 1.0,
                "string_constraints": {"domains": ["F", "M"]},
            },
            {"name": "note", "inferred_type": "Unknown", "completeness": 0.0},
        ],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": 1.0,
            "domain_content_threshold": 1.0,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": 0.1,
                "comparison_method": "Robust",
                "categorical_comparison_threshold": 0.1,
                "categorical_drift_method": "LInfinity",
            },
        },
    }


CONFIGS = st.builds(
    MonitoringConfig,
    datatype_check_threshold=SHARES,
    domain_content_threshold=SHARES,
    comparison_threshold=SHARES,
    comparison_method=st.sampled_from(["Simple", "Robust", "linf_simple", "linf_robust"]),
    categorical_comparison_threshold=st.none() | SHARES,
    categorical_drift_method=st.sampled_from(["LInfinity", "ChiSquared"]),
)
FEATURES = st.builds(
    FeatureConstraints,
    inferred_type=st.sampled_from(["Integral", "Fractional", "String", "Unknown"]),
    completeness=SHARES,
    is_non_negative=st.none() | st.booleans(),
    domain=st.none() | st.lists(st.text()).map(tuple),
    overrides=st.sampled_from([{}, {"evaluate_constraints": "Disabled"}]),
)


@given(st.lists(FEATURES).map(tuple), CONFIGS)
def test_constraints_survive_their_file(
    features: tuple[FeatureConstraints, ...], config: MonitoringConfig
) -> None:
    constraints = Constraints(features, config)

    assert from_document(json.loads(json.dumps(to_document(constraints)))) == constraints


@pytest.mark.parametrize("spelling", ["monitoring_config_overrides", "monitoringConfigOverrides"])
def test_a_column_may_have_its_own_configuration(spelling: str) -> None:
    overrides = {"distribution_constraints": {"comparison_threshold": 0.5}}
    feature = {"name": "x", "inferred_type": "Integral", "completeness": 1, spelling: overrides}

    read = from_document({"features": [feature]})

    assert read.config.comparison_threshold == 0.1
    assert read.config_of(read.features[0]).comparison_threshold == 0.5
    assert read.config_of(read.features[0]).datatype_check_threshold == 1.0


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            {"treshold": 1},
            "monitoring_config has no field 'treshold'; it has: evaluate",
        ),
        ({"datatype_check_threshold": 1.5}, "datatype_check_threshold=1.5: give a number from 0"),
        ({"datatype_check_threshold": True}, "datatype_check_threshold=True: give a number"),
        ({"emit_metrics": True}, "emit_metrics=True: give Enabled or Disabled"),
        (
            {"distribution_constraints": {"comparison_method": "PSI"}},
            "'PSI': give one of Simple, R",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(config: dict[str, Any], told: str) -> None:
    with pytest.raises(AnalysisError, match=rf"^baseline_constraints: .*{told}"):
        from_document({"features": [], "monitoring_config": config})


@pytest.mark.parametrize("document", [{}, None, [], {"features": [{"name": "x"}]}])
def test_a_file_that_is_no_constraints_is_refused_by_name(document: Any) -> None:
    with pytest.raises(AnalysisError, match=r"baseline_constraints: no constraints\.json"):
        from_document(document)


@pytest.mark.parametrize("missing", sorted(ENVIRONMENT))
def test_a_variable_that_is_missing_is_named(missing: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != missing}

    with pytest.raises(AnalysisError, match=f"variable {missing} is missing"):
        read_settings(environment)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"analysis_type": "DATA_BIAS"}, "analysis_type='DATA_BIAS' is not reproduced"),
        ({"analysis_type": "MODEL_QUALITY"}, "problem_type=None is not reproduced"),
        (
            {"analysis_type": "MODEL_QUALITY", "problem_type": "BinaryClassification"},
            "'BinaryClassification' is not reproduced locally; give Regression",
        ),
        ({"record_preprocessor_script": "p.py"}, "record_preprocessor_script='p.py' is not repr"),
        ({"baseline_constraints": "c.json"}, r"baseline_constraints='c.json' is not there"),
        ({"start_time": "noon"}, "start_time='noon' is no time such as"),
        ({"publish_cloudwatch_metrics": "yes"}, "='yes': give Enabled or Disabled"),
        ({"categorical_drift_method": "ChiSquared"}, "'ChiSquared' is not reproduced locally"),
    ],
)
def test_a_wrong_variable_is_refused_with_a_remedy(variables: dict[str, str], told: str) -> None:
    with pytest.raises(AnalysisError, match=told):
        read_settings({**ENVIRONMENT, **variables})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("csv", "give one of csv, json, sagemakerCaptureJson, sagemakerMergeJson"),
        ('{"parquet": {}}', "give one of csv"),
        ('{"csv": {}, "json": {}}', "give one of csv"),
        ('{"csv": {"quote": "x"}}', "unknown option 'quote'"),
        ('{"csv": {"header": "maybe"}}', "header and lines are true or false"),
        ('{"csv": {"output_columns_position": "END"}}', "put the output columns first"),
        ('{"sagemakerCaptureJson": {"captureIndexNames": ["input"]}}', "may hold endpointInput"),
    ],
)
def test_a_wrong_format_is_refused_with_a_remedy(text: str, told: str) -> None:
    with pytest.raises(AnalysisError, match=told):
        parse_dataset_format(text)


def test_the_contract_spells_switches_of_a_format_as_strings() -> None:
    assert parse_dataset_format('{"csv": {"header": "true"}}').header
    assert not parse_dataset_format('{"json": {"line": "false"}}').lines
