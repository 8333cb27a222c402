"""A runtime that is up, as another command reaches it by what it exports."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from pocketaws import AttachedRuntime, Exports, LocalRuntime, Warmup

ORDERS_DIR = Path(__file__).parent / "orders"
STACK_NAME = "attached-orders"


@pytest.fixture
def attached(pocketaws_runtime: LocalRuntime) -> Iterator[AttachedRuntime]:
    with AttachedRuntime(Exports(pocketaws_runtime.exported)) as attached:
        yield attached
        attached.close()


def test_a_stack_is_executed_and_deployed_anew_where_what_it_is_built_of_has_changed(
    attached: AttachedRuntime, tmp_path: Path
) -> None:
    template_path = Path(shutil.copytree(ORDERS_DIR, tmp_path / "orders")) / "template.yaml"
    template = yaml_parse(template_path.read_text())
    assert attached.listens()
    assert attached.stack(STACK_NAME) is None

    for number in range(2):
        function = template_path.with_name("price") / "app.py"
        function.write_text(f"{function.read_text()}\nNUMBER = {number}\n")
        warmup = Warmup()
        try:
            build = warmup.build(template_path, attached.region)
            deployed = attached.deploy(build, stack_name=STACK_NAME, parameters={"Stage": "there"})
        finally:
            warmup.stop()

        assert attached.stack(STACK_NAME) == (deployed, {"Stage": "there"})
        assert attached.is_built_of(STACK_NAME, template_path, template)

    kinds: list[str] = []
    machine_arn = deployed.resources["Orders"]
    execution = attached.wait(
        attached.start_execution(machine_arn, {"orders": [5]}, name="one"),
        on_event=lambda event: kinds.append(event["type"]),
    )
    assert (execution.status, execution.output) == ("SUCCEEDED", ["there: 50"])
    assert (kinds[0], kinds[-1]) == ("ExecutionStarted", "ExecutionSucceeded")

    function.write_text(f"{function.read_text()}# more\n")
    assert not attached.is_built_of(STACK_NAME, template_path, template)


def test_nothing_listens_where_a_port_is_closed(pocketaws_runtime: LocalRuntime) -> None:
    for url in ("http://localhost:1", "http://example.com:80", "nonsense"):
        assert not AttachedRuntime(Exports({"AWS_ENDPOINT_URL": url})).listens()
