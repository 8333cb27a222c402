"""The security checks find what they are for, and say so when they could not look."""

import datetime
import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from security import audit_dependencies, scan_secrets, scan_templates
from security.accepted import (
    AcceptedFileError,
    AcceptedVulnerability,
    FalseSecret,
    accepted_vulnerabilities,
    false_secrets,
)
from security.audit_dependencies import NotAuditedError, Pin, Vulnerability
from security.scan_templates import Explanation, Finding

pytestmark = pytest.mark.slow

BIN_DIR = Path(__file__).parents[2] / ".venv-checks" / "bin"
needs_tools = pytest.mark.skipif(
    not BIN_DIR.exists(), reason="`make security` sets up .venv-checks"
)
TODAY = datetime.date(2026, 11, 23)
OLD_ECDSA = Pin("ecdsa", "0.19.2")


# --------------------------------------------------------------------------------------- secrets
# Put together here, so that this file itself holds none.
ACCESS_KEY = "AKIA" + "Z7QW3RTY5UIO9PAS"
SECRET_KEY = "q7Zt" + "Xw2LkV9sYb4Rn8Jd" + "Hf6Gm3Pc5Ta1Qe0UoIiX"
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
PLANTED = {
    "app.py": f'KEY = "{ACCESS_KEY}"\n',
    "marked.py": f'KEY = "{ACCESS_KEY}"  # pragma: allowlist secret\n',
    "notes.md": f"Log in with {TOKEN} first.\n",
    "deploy.sh": f'export AWS_SECRET_ACCESS_KEY="{SECRET_KEY}"\n',
    "folder/settings.yaml": 'password: "hunter2-Zx9qLmP"\n',
    "key.pem": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n",
    "tests/test_app.py": f'KEY = "{ACCESS_KEY}"\n',
}
HARMLESS = {"README.md": "Nothing to see.\n", "names.py": 'TOPIC_ARN = "TOPIC_ARN"\n'}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[scan_secrets.Finding]:
    folder = tmp_path_factory.mktemp("project")
    for name, text in (PLANTED | HARMLESS).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return scan_secrets.scan(folder, scan_secrets.project_files(folder), bin_dir=BIN_DIR)


@needs_tools
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found_wherever_it_stands(
    planted: list[scan_secrets.Finding], name: str
) -> None:
    problems = scan_secrets.complaints(planted, false_secrets())

    assert any(problem.startswith(f"{name}:") for problem in problems)


@needs_tools
def test_what_is_no_secret_is_not_reported(planted: list[scan_secrets.Finding]) -> None:
    assert not {finding.path for finding in planted} & HARMLESS.keys()


@needs_tools
def test_a_secret_is_never_repeated_in_what_is_printed(
    planted: list[scan_secrets.Finding],
) -> None:
    text = "\n".join(scan_secrets.complaints(planted, []))

    assert text
    assert not any(secret in text for secret in (ACCESS_KEY, SECRET_KEY, TOKEN))


def test_without_git_all_files_are_looked_at_but_those_that_tools_make(tmp_path: Path) -> None:
    for name in (".github/ci.yml", ".venv-sam/lib.py", ".mypy_cache/x.json", "runs/1.json", "a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert scan_secrets.project_files(tmp_path) == [".github/ci.yml", "a.py"]


def test_a_false_alarm_is_accepted_for_its_line_only() -> None:
    alarm = FalseSecret("Secret Keyword", "workflow/*", "key='none'", "boto3 asks for one")
    harmless = scan_secrets.Finding("workflow/a/b.py", 3, "key='none'", "Secret Keyword")
    other = scan_secrets.Finding("workflow/a/b.py", 4, "key='hunter2'", "Secret Keyword")

    (problem,) = scan_secrets.complaints([harmless, other], [alarm])

    assert problem.startswith("workflow/a/b.py:4: Secret Keyword")


def test_a_false_alarm_that_is_gone_has_to_go_from_the_file() -> None:
    alarm = FalseSecret("Secret Keyword", "workflow/*", "", "boto3 asks for one")

    (problem,) = scan_secrets.complaints([], [alarm])

    assert problem.endswith("'Secret Keyword' in 'workflow/*' accepts nothing; take it out")


# ------------------------------------------------------------------------------------- templates
OPEN_BUCKET = """\
Resources:
  Open:
    Type: AWS::S3::Bucket
    Metadata:
      checkov: {skip: [{id: CKV_AWS_53, comment: It is open on purpose}]}
    Properties:
      PublicAccessBlockConfiguration: {BlockPublicAcls: false}
"""
OPEN_CONFIG = """\
file: [open.yaml]
framework: [cloudformation]
skip-download: true
skip-check:
  # Nobody reads it.
  - CKV_AWS_18
"""
OPEN_FINDING = Finding("CKV_AWS_53", "open.yaml", "Open")


@needs_tools
def test_checkov_finds_what_is_open_even_if_it_is_told_to_leave_it_out(tmp_path: Path) -> None:
    (tmp_path / "open.yaml").write_text(OPEN_BUCKET)

    found = scan_templates.scan(tmp_path, ["open.yaml"], bin_dir=BIN_DIR)

    assert OPEN_FINDING in found


@needs_tools
def test_checkov_itself_leaves_out_what_counts_as_explained_here(tmp_path: Path) -> None:
    (tmp_path / "open.yaml").write_text(OPEN_BUCKET)
    (tmp_path / ".checkov.yaml").write_text(OPEN_CONFIG)
    found = scan_templates.scan(tmp_path, ["open.yaml"], bin_dir=BIN_DIR)
    explanations = scan_templates.project_explanations(OPEN_CONFIG)
    explanations += scan_templates.resource_explanations("open.yaml", OPEN_BUCKET)

    command = [str(BIN_DIR / "checkov"), "--output", "json"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    failed = {check["check_id"] for check in json.loads(ended.stdout)["results"]["failed_checks"]}
    assert {it.check_id for it in explanations} == {"CKV_AWS_18", "CKV_AWS_53"}
    assert failed == {it.check_id for it in found} - {"CKV_AWS_18", "CKV_AWS_53"}


@needs_tools
def test_a_template_that_checkov_cannot_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "open.yaml").write_text(OPEN_BUCKET)
    (tmp_path / "broken.yaml").write_text("Resources: {Open: [")

    with pytest.raises(scan_templates.TemplateScanError, match=r"broken\.yaml"):
        scan_templates.scan(tmp_path, ["open.yaml", "broken.yaml"], bin_dir=BIN_DIR)


def test_a_finding_without_an_explanation_is_named_with_its_resource() -> None:
    (problem,) = scan_templates.complaints([OPEN_FINDING], [])

    assert problem.startswith("open.yaml: Open: CKV_AWS_53 ")


@pytest.mark.parametrize(
    "config",
    ["skip-check:\n  # Open to the world.\n  # On purpose.\n  - CKV_AWS_53\n", ""],
    ids=["everywhere", "resource"],
)
def test_an_explained_finding_is_accepted(config: str) -> None:
    explanations = (
        scan_templates.project_explanations(config)
        if config
        else scan_templates.resource_explanations("open.yaml", OPEN_BUCKET)
    )

    assert scan_templates.complaints([OPEN_FINDING], explanations) == []
    assert explanations[0].reason in {"Open to the world. On purpose.", "It is open on purpose"}


def test_an_explanation_of_one_resource_accepts_nothing_of_another() -> None:
    explanations = scan_templates.resource_explanations("open.yaml", OPEN_BUCKET)
    found = [OPEN_FINDING, Finding("CKV_AWS_53", "other.yaml", "Open")]

    (problem,) = scan_templates.complaints(found, explanations)

    assert problem.startswith("other.yaml: Open")


def test_a_check_that_is_left_out_without_a_reason_is_refused() -> None:
    config = "skip-check:\n  # Encrypted elsewhere.\n  - CKV_AWS_1\n  - CKV_AWS_53\n"
    found = [OPEN_FINDING, Finding("CKV_AWS_1", "open.yaml", "Open")]

    (problem,) = scan_templates.complaints(found, scan_templates.project_explanations(config))

    assert problem == ".checkov.yaml: CKV_AWS_53 is left out without a reason; give it"


def test_a_check_that_is_left_out_and_finds_nothing_is_refused() -> None:
    explanation = Explanation("CKV_AWS_1", ".checkov.yaml: CKV_AWS_1", "Encrypted elsewhere.")

    (problem,) = scan_templates.complaints([], [explanation])

    assert problem == ".checkov.yaml: CKV_AWS_1 is left out and finds nothing; take that out"


# ----------------------------------------------------------------------------------------- audit
LOCK = """\
# A comment==1 is none.
ecdsa==0.19.2 \\
    --hash=sha256:00
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:00
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:00
moto[server]==5.2.5 \\
    --hash=sha256:00
"""
MINERVA = {
    "id": "GHSA-wj6h-64fc-37mp",
    "aliases": ["CVE-2024-23342"],
    "summary": "Minerva",
    "affected": [{"package": {"name": "ecdsa", "ecosystem": "PyPI"}}],
}


@contextmanager
def osv(known: Mapping[str, object], *, status: int = 200) -> Iterator[tuple[str, list[Pin]]]:
    """Answer like OSV's /v1/query; yield the address and what has been asked for."""
    asked: list[Pin] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(Pin(query["package"]["name"], query["version"]))
            found = known.get(query["package"]["name"])
            body = json.dumps({"vulns": [found]} if found else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_every_version_of_a_lock_file_is_asked_about_whatever_python_it_is_for() -> None:
    assert audit_dependencies.pins([LOCK, LOCK]) == [
        OLD_ECDSA,
        Pin("moto", "5.2.5"),
        Pin("numpy", "2.4.6"),
        Pin("numpy", "2.5.5"),
    ]


@needs_tools
def test_pip_audit_asks_about_exactly_the_pins_and_tells_what_is_known() -> None:
    locked = audit_dependencies.pins([LOCK])

    with osv({"ecdsa": MINERVA}) as (url, asked):
        found = audit_dependencies.audit(locked, bin_dir=BIN_DIR, osv_url=url)

    assert sorted(asked) == locked
    (known,) = found
    assert (known.pin, known.fixed_in) == (OLD_ECDSA, ())
    assert set(known.names) == {"GHSA-wj6h-64fc-37mp", "CVE-2024-23342"}


@needs_tools
def test_a_service_that_does_not_answer_is_no_good_news() -> None:
    with osv({}, status=503) as (url, _), pytest.raises(NotAuditedError, match="pip-audit ended"):
        audit_dependencies.audit([OLD_ECDSA], bin_dir=BIN_DIR, osv_url=url)


def test_a_package_without_an_answer_is_no_good_news() -> None:
    report = [{"name": "ecdsa", "skip_reason": "not found"}]

    with pytest.raises(NotAuditedError, match=r"no answer for 1 of 1, ecdsa 0\.19\.2 first"):
        audit_dependencies.answers(report, [OLD_ECDSA])


KNOWN = Vulnerability(OLD_ECDSA, ("GHSA-wj6h-64fc-37mp", "CVE-2024-23342"), ("0.20",))


def accepted(
    *, package: str = "ecdsa", expires: datetime.date = TODAY
) -> list[AcceptedVulnerability]:
    return [AcceptedVulnerability("CVE-2024-23342", package, expires, "It never signs.")]


def test_a_vulnerability_is_told_with_the_version_that_mends_it() -> None:
    (problem,) = audit_dependencies.complaints([KNOWN], [], today=TODAY)

    assert problem.startswith("ecdsa 0.19.2: GHSA-wj6h-64fc-37mp, CVE-2024-23342; mended in 0.20.")


def test_an_accepted_vulnerability_is_not_told_until_its_day_has_passed() -> None:
    found = [KNOWN]

    assert audit_dependencies.complaints(found, accepted(), today=TODAY) == []
    told, late = audit_dependencies.complaints(
        found, accepted(), today=TODAY + datetime.timedelta(days=1)
    )
    assert told.startswith("ecdsa 0.19.2")
    assert late.endswith("was accepted until 2026-11-23; look at it again")


def test_what_is_accepted_and_not_found_has_to_go_from_the_file() -> None:
    (told, vain) = audit_dependencies.complaints([KNOWN], accepted(package="rsa"), today=TODAY)

    assert told.startswith("ecdsa 0.19.2")
    assert vain.endswith("CVE-2024-23342 of rsa accepts nothing; take it out")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('id = "CVE-1"\npackage = "a"\nexpires = 2027-01-31', "reason is None"),
        ('id = "CVE-1"\npackage = "a"\nexpires = 2027-01-31\nreason = " "', "reason is ' '"),
        ('id = "CVE-1"\npackage = "a"\nexpires = "soon"\nreason = "b"', "expires is 'soon'"),
        ('id = "CVE-1"\npackage = "a"\nreason = "b"', "expires is None"),
        ('id = "CVE-1"\nversion = "1"', r"has \['version'\]"),
    ],
)
def test_an_entry_says_what_why_and_until_when(tmp_path: Path, entry: str, said: str) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(f"[[vulnerability]]\n{entry}\n")

    with pytest.raises(AcceptedFileError, match=rf"\[\[vulnerability\]\] number 1:? ?{said}"):
        accepted_vulnerabilities(path)


def test_a_line_that_is_no_regular_expression_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text('[[false_alarm]]\ntype = "a"\npath = "b"\nline = "("\nreason = "c"\n')

    with pytest.raises(AcceptedFileError, match="line is '\\(', no regular expression"):
        false_secrets(path)
