"""The state machine's graph, from its definition, with the states inside Map and Parallel."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workflow.report.record import Edge, Graph, Node


def graph_of(definition: Mapping[str, Any]) -> Graph:
    """Return all states and the ways between them."""
    nodes, edges = [], []
    for container, machine in _machines(definition, None):
        if container is not None:
            edges.append(Edge(container, machine["StartAt"], "inside"))
        for name, state in machine["States"].items():
            comment = str(state.get("Comment", ""))
            nodes.append(Node(name, str(state.get("Type")), comment, container))
            edges += _edges(name, state)
    return Graph(str(definition["StartAt"]), nodes, edges)


def _machines(
    machine: Mapping[str, Any], container: str | None
) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    yield container, machine
    for name, state in machine["States"].items():
        inner = [*state.get("Branches", []), state.get("ItemProcessor", state.get("Iterator"))]
        for each in inner:
            if each:
                yield from _machines(each, name)


def _edges(name: str, state: Mapping[str, Any]) -> Iterator[Edge]:
    if "Next" in state:
        yield Edge(name, state["Next"], "next")
    for choice in state.get("Choices", []):
        yield Edge(name, choice["Next"], "choice", _condition(choice))
    if "Default" in state:
        yield Edge(name, state["Default"], "default", "otherwise")
    for catcher in state.get("Catch", []):
        yield Edge(name, catcher["Next"], "catch", ", ".join(catcher["ErrorEquals"]))


def _condition(choice: Mapping[str, Any]) -> str:
    if "Condition" in choice:
        return str(choice["Condition"])
    rule = {key: value for key, value in choice.items() if key not in ("Next", "Comment")}
    return json.dumps(rule, separators=(", ", ": "))
