"""What the project's own files leave out of a security check has its reason, and what must hold."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from security.accepted import accepted_vulnerabilities, false_secrets
from security.audit_dependencies import lock_files, pins
from security.scan_templates import (
    CONFIG_NAME,
    TEMPLATES,
    project_explanations,
    resource_explanations,
)
from workflow.template import read_template

PROJECT_DIR = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("workflow", "pocketaws", "functions", "jobs", "data", "security")
    for path in sorted((PROJECT_DIR / folder).rglob("*.py"))
]
WORKFLOWS = sorted((PROJECT_DIR / ".github" / "workflows").glob("*.yml"))
CONFIG_TEXT = (PROJECT_DIR / CONFIG_NAME).read_text(encoding="utf-8")
LOCKS = lock_files(PROJECT_DIR)
# Without a text of its own, the rule's reason may stand in a comment close above.
NOQA = re.compile(r"# noqa: (?P<rules>[A-Z0-9, ]*\bS\d{3}\b[A-Z0-9, ]*)(?: - (?P<reason>\S.*))?$")
CLOSE_LINES = 3


def explained(lines: list[str], number: int) -> bool:
    """Return whether what a line leaves out of the rules S has a reason in words."""
    noqa = NOQA.search(lines[number])
    assert noqa is not None
    asserted = re.search(r'assert .+, f?".+"', lines[number]) is not None
    above = lines[max(0, number - CLOSE_LINES) : number]
    return bool(noqa["reason"]) or asserted or any(re.search(r"# .* - |^# ", it) for it in above)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("x()  # noqa: S603 - our own module", True),
        ('assert x is not None, "it is botocore\'s"  # noqa: S101', True),
        ("# What every process may read.\nx()  # noqa: S108", True),
        ("x()  # noqa: S603", False),
        ("assert x is not None  # noqa: S101", False),
        ("# Far away.\n\n\n\nx()  # noqa: S108", False),
    ],
)
def test_a_reason_is_told_from_none(text: str, fits: bool) -> None:
    lines = text.splitlines()

    assert explained(lines, len(lines) - 1) is fits


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT_DIR).as_posix())
def test_what_is_left_out_of_ruffs_security_rules_has_its_reason(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    for number, line in enumerate(lines):
        assert not NOQA.search(line) or explained(lines, number), f"line {number + 1}"


def test_ruff_checks_its_security_rules_in_all_that_is_deployed_or_run() -> None:
    lint = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    everywhere = [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    by_path = [path for path, rules in lint["per-file-ignores"].items() if "S" in rules]

    assert lint["select"] == ["ALL"]
    assert everywhere == ["S404"]
    assert sorted(by_path) == ["**/tests/**", "bench/**"]


def test_every_check_that_is_left_out_of_all_templates_has_its_reason() -> None:
    explanations = project_explanations(CONFIG_TEXT)

    assert explanations
    for explanation in explanations:
        assert len(explanation.reason.split()) > 5, explanation.place


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_check_that_is_left_out_for_a_resource_has_its_reason(name: str) -> None:
    text = (PROJECT_DIR / name).read_text(encoding="utf-8")
    explanations = resource_explanations(name, text)

    assert len(explanations) == text.count("- id: CKV")
    for explanation in explanations:
        assert len(explanation.reason.split()) > 5, explanation.place


def test_what_the_scanners_report_and_is_accepted_has_its_reason() -> None:
    reasons = [it.reason for it in accepted_vulnerabilities()]
    reasons += [it.reason for it in false_secrets()]

    assert reasons
    for reason in reasons:
        assert len(reason.split()) > 3, reason


@pytest.mark.parametrize(
    ("name", "topic"), [("template.yaml", {"Ref": "Topic"}), ("endpoint.yaml", {"Ref": "TopicArn"})]
)
def test_an_event_that_a_function_could_not_handle_is_told(
    name: str, topic: dict[str, str]
) -> None:
    resources = read_template(PROJECT_DIR / name)["Resources"]
    targets = [
        target["Arn"]["Fn::GetAtt"][0]
        for resource in resources.values()
        if resource["Type"] == "AWS::Events::Rule"
        for target in resource["Properties"]["Targets"]
        if "Fn::GetAtt" in target["Arn"]
    ]
    targets += [key for key, resource in resources.items() if "Events" in resource["Properties"]]

    assert targets
    for target in targets:
        function = resources[target]["Properties"]
        assert function["DeadLetterQueue"] == {"Type": "SNS", "TargetArn": topic}
        role = resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]
        assert {"Action": "sns:Publish", "Resource": topic} in [
            {key: statement.get(key) for key in ("Action", "Resource")}
            for statement in role["Policies"][0]["PolicyDocument"]["Statement"]
        ]


def test_the_one_function_that_strangers_reach_can_be_bounded() -> None:
    resources = read_template(PROJECT_DIR / "template.yaml")["Resources"]
    public = [
        resource["Properties"]
        for resource in resources.values()
        if resource.get("Properties", {}).get("FunctionUrlConfig", {}).get("AuthType") == "NONE"
    ]

    (page,) = public
    assert page["ReservedConcurrentExecutions"]["Fn::If"][:2] == [
        "BoundPage",
        {"Ref": "ApprovalPageConcurrency"},
    ]


def test_every_lock_file_is_audited() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.txt"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    hashed = [name for name in tracked if "--hash=" in (PROJECT_DIR / name).read_text()]

    assert hashed or not (PROJECT_DIR / ".git").exists()
    assert {PROJECT_DIR / name for name in hashed} <= set(LOCKS)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_has_a_hash_for_each_version_and_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]

    assert len(entries) >= len(pins([text])) > 0
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_github_runs_actions_of_a_known_commit_that_may_only_read(path: Path) -> None:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]

    assert workflow["permissions"] == {"contents": "read"}
    for step in steps:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step.get("uses", "a@" + "0" * 40))
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_the_targets_that_ci_and_the_security_policy_name_are_there() -> None:
    makefile = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
    named = set()
    for path in (PROJECT_DIR / "SECURITY.md", PROJECT_DIR / ".ci" / "run", *WORKFLOWS):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"(?:^|`|run: )make ([a-z-]+)", text, re.MULTILINE))

    assert {"audit", "security", "lint", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"
