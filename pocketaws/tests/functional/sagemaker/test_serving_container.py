"""An endpoint's container over real sockets: what it answers, to good requests and to bad ones."""

import contextlib
import gzip
import http.client
import json
import os
import pickle
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import psutil
import pytest
import xgboost as xgb

from emulated.serving_container import (
    Container,
    launch,
    served_in_a_thread,
    warmed,
)
from emulated.waiting import eventually
from pocketaws.processes.zygote_process import Zygote
from pocketaws.sagemaker.endpoints.fleet import LaunchFailure
from pocketaws.sagemaker.xgboost.serving import ScoringService, ServingSettings
from pocketaws.wire.messages import Limits, Request

SECONDS = 20
MEGABYTE = 1024**2
HTML = "text/html; charset=utf-8"
GOOD_ROW = "0.5,-1.25,2,0.125"
NAN = float("nan")
Serve = Callable[..., Container]


class Response(NamedTuple):
    status: int
    body: str
    headers: dict[str, str]


def features(count: int) -> np.ndarray:
    generator = np.random.default_rng(7)
    table: np.ndarray = generator.normal(size=(count, 4)).round(4)
    return table


def trained(objective: str, **parameters: object) -> xgb.Booster:
    table = features(400)
    labels = {
        "multi:softprob": (table[:, 0] > 0).astype(int) + (table[:, 1] > 0),
        "binary:logistic": table[:, 0] > 0,
    }.get(objective, 3 * table[:, 0] + table[:, 1])
    settings = {"objective": objective, "nthread": 1, **parameters}
    return xgb.train(settings, xgb.DMatrix(table, label=labels), 10)


def csv_text(table: np.ndarray) -> str:
    return "\n".join(",".join(map(str, row)) for row in table.tolist())


def save(booster: xgb.Booster, model_dir: Path) -> Path:
    model_dir.mkdir(parents=True, exist_ok=True)
    (model_dir / "xgboost-model").write_bytes(booster.save_raw(raw_format="ubj"))
    return model_dir


@pytest.fixture(scope="module")
def booster() -> xgb.Booster:
    return trained("reg:squarederror")


@pytest.fixture(scope="module")
def model_dir(booster: xgb.Booster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(booster, tmp_path_factory.mktemp("served") / "model")


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    zygote = warmed(tmp_path_factory.mktemp("zygote") / "log")
    yield zygote
    zygote.stop()


@pytest.fixture
def serve(zygote: Zygote, model_dir: Path, tmp_path: Path) -> Iterator[Serve]:
    started: list[Container] = []

    def serve_model(
        served_dir: Path = model_dir,
        listening: socket.socket | None = None,
        image_tag: str = "3.2-0",
        **environment: str,
    ) -> Container:
        home_dir = tmp_path / f"fleet-{len(started)}"
        container = launch(
            zygote,
            served_dir,
            home_dir,
            listening=listening,
            image_tag=image_tag,
            environment=environment,
        )
        started.append(container)
        return container

    yield serve_model
    for container in started:
        container.stop()
        container.listening.close()


@pytest.fixture(scope="module")
def served(
    zygote: Zygote, model_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Container]:
    """One container for all tests that leave it as it was."""
    container = launch(zygote, model_dir, tmp_path_factory.mktemp("fleet"))
    with container.listening:
        yield container
        assert container.stop() == 0


def service(model_dir: Path) -> ScoringService:
    return ScoringService(model_dir, ServingSettings())


class Client(socket.socket):
    """A connection that puts the port, which the container asks for, into what it sends."""

    def addressed(self, sent: bytes) -> bytes:
        port = int(self.getpeername()[1])
        return sent.replace(NAME, b"%s:%d\r\n" % (NAME.rstrip(), port))

    def sendall(self, sent: Any, flags: int = 0) -> None:
        super().sendall(self.addressed(bytes(sent)), flags)


def connect(container: Container) -> Client:
    return connect_to(container.port)


def connect_to(port: int) -> Client:
    connected = Client()
    connected.settimeout(SECONDS)
    connected.connect(("127.0.0.1", port))
    return connected


def read(connection: socket.socket, method: str = "POST") -> Response:
    with connection.makefile("rb") as stream:
        return read_next(stream, method)


def read_next(stream: BinaryIO, method: str = "POST") -> Response:
    """Read one answer; http.client would read into the next."""
    status = int(stream.readline().split()[1])
    headers = dict(http.client.parse_headers(stream))
    length = 0 if method == "HEAD" else int(headers.get("Content-Length", 0))
    return Response(status, stream.read(length).decode(), headers)


def exchange(process: Container, sent: bytes, *, closes_half: bool = False) -> Response:
    with connect(process) as connection:
        connection.sendall(sent)
        if closes_half:
            connection.shutdown(socket.SHUT_WR)
        return read(connection)


# As it stands in requests before anybody knows the port.
NAME = b"Host: localhost\r\n"


def request(
    body: bytes | str = GOOD_ROW,
    content_type: str | None = "text/csv",
    *,
    method: str = "POST",
    path: str = "/invocations",
    **headers: str,
) -> bytes:
    """Write a request with a Content-Length, unless the headers say otherwise."""
    payload = body.encode() if isinstance(body, str) else body
    fields = {"Host": "localhost", "Content-Length": str(len(payload))}
    fields |= {} if content_type is None else {"Content-Type": content_type}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + payload


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = request(b"", Transfer_Encoding="chunked").replace(b"Content-Length: 0\r\n", b"")
    return head + b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def raw(head: str) -> bytes:
    return head.replace("\n", "\r\n").encode()


def post(process: Container, body: bytes | str, content_type: str = "text/csv") -> Response:
    return exchange(process, request(body, content_type))


def predicted(response: Response) -> list[float]:
    assert response.status == 200, response.body
    return [float(line) for line in response.body.splitlines()]


def expected(booster: xgb.Booster, table: object) -> Any:
    rows = np.array(table, dtype=np.float64)
    return pytest.approx(booster.predict(xgb.DMatrix(rows)).tolist(), abs=1e-6)


# What works.
def test_a_container_that_can_serve_answers_its_ping(served: Container) -> None:
    response = exchange(served, request("", None, method="GET", path="/ping"))

    assert (response.status, response.body) == (200, "")
    assert response.headers["Content-Type"] == HTML


def test_the_parameters_of_batch_transform_are_told(served: Container) -> None:
    response = exchange(served, request("", None, method="GET", path="/execution-parameters"))

    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(response.body) == {
        "MaxConcurrentTransforms": os.cpu_count(),
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (GOOD_ROW, [[0.5, -1.25, 2, 0.125]]),
        (GOOD_ROW + "\n", [[0.5, -1.25, 2, 0.125]]),
        ("\n\n " + GOOD_ROW + "\r\n\r\n", [[0.5, -1.25, 2, 0.125]]),
        ("1,2,3,4\r\n5,6,7,8\r\n", [[1, 2, 3, 4], [5, 6, 7, 8]]),
        ("1,,3,", [[1, NAN, 3, NAN]]),
        ("1,nan,NaN,4", [[1, NAN, NAN, 4]]),
        (",,,\n1,2,3,4", [[NAN] * 4, [1, 2, 3, 4]]),
        ("1, 2,\t3 ,4", [[1, 2, 3, 4]]),
        ("1;2;3;4", [[1, 2, 3, 4]]),
        ("1\t2\t3\t4", [[1, 2, 3, 4]]),
        ("1 2 3 4", [[1, 2, 3, 4]]),
        ("1|2|3|4", [[1, 2, 3, 4]]),
        ("1e-3,+2,-.5,1_000", [[1e-3, 2, -0.5, 1000]]),
        ("1,2,3", [[1, 2, 3, NAN]]),
        ("1,2", [[1, 2, NAN, NAN]]),
        ("1,2,3,4\n" * 20 + "1,,3,4", [[1, 2, 3, 4]] * 20 + [[1, NAN, 3, 4]]),
    ],
)
def test_rows_of_csv_are_predicted_as_the_booster_predicts_them(
    served: Container, booster: xgb.Booster, body: str, rows: list[list[float]]
) -> None:
    assert predicted(post(served, body)) == expected(booster, rows)


def test_ten_thousand_rows_are_predicted_as_the_booster_predicts_them(
    served: Container, booster: xgb.Booster
) -> None:
    table = features(10_000)

    response = post(served, csv_text(table))

    assert predicted(response) == expected(booster, table)


@pytest.mark.parametrize(
    "content_type",
    [
        "csv",
        "TEXT/CSV",
        "text/csv; charset=utf-8",
        "text/csv;label_size=1",
        'text/csv;label_size="1"',
        "text/csv; Label_Size = 1",
        "text/csv;label_size",
        "text/csv;label_size=2;label_size=1",
        "text/csv ; charset",
        "text/csv;header=absent",
    ],
)
def test_csv_is_known_by_each_name_that_the_container_knows(
    served: Container, content_type: str
) -> None:
    response = post(served, GOOD_ROW, content_type)

    assert (response.status, response.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")


@pytest.mark.parametrize("content_type", ["text/libsvm", "text/x-libsvm", "libsvm", None])
def test_libsvm_is_sparse_and_what_the_container_takes_for_no_type(
    served: Container, booster: xgb.Booster, content_type: str | None
) -> None:
    response = exchange(served, request("0 0:1.5 3:2\n1 1:-1\n", content_type))

    rows = [[1.5, NAN, NAN, 2], [NAN, -1, NAN, NAN]]
    assert predicted(response) == expected(booster, rows)


@pytest.mark.parametrize("accept", ["", "*/*", "text/csv", "TEXT/CSV", "text/csv;q=0.9"])
def test_csv_is_answered_where_nothing_else_is_asked_for(served: Container, accept: str) -> None:
    response = exchange(served, request(Accept=accept))

    assert response.status == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.body.endswith("\n")


def test_json_holds_a_score_a_row(served: Container, booster: xgb.Booster) -> None:
    response = exchange(served, request("1,2,3,4\n5,6,7,8", Accept="application/json"))

    scores = [row["score"] for row in json.loads(response.body)["predictions"]]
    assert response.headers["Content-Type"] == "application/json"
    assert scores == expected(booster, [[1, 2, 3, 4], [5, 6, 7, 8]])


def test_a_body_may_come_in_chunks(served: Container, booster: xgb.Booster) -> None:
    response = exchange(served, chunked(b"1,2,", b"3,4\n5,6", b",7,8"))

    assert predicted(response) == expected(booster, [[1, 2, 3, 4], [5, 6, 7, 8]])


def test_a_client_that_has_closed_its_half_gets_its_answer(served: Container) -> None:
    assert exchange(served, request(), closes_half=True).status == 200


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(served: Container) -> None:
    head, _, body = request(Expect="100-continue").partition(b"\r\n\r\n")
    with connect(served) as connection:
        connection.sendall(head + b"\r\n\r\n")
        leave = connection.recv(100)
        connection.sendall(body)
        response = read(connection)

    assert leave.startswith(b"HTTP/1.1 100 ")
    assert response.status == 200


def test_requests_that_come_at_once_are_answered_in_order(
    served: Container, booster: xgb.Booster
) -> None:
    rows = [[number, 0, 1, 2] for number in range(-20, 20)]
    with connect(served) as connection:
        connection.sendall(b"".join(request(",".join(map(str, row))) for row in rows))
        with connection.makefile("rb") as stream:
            answers = [predicted(read_next(stream))[0] for _ in rows]

    assert answers == expected(booster, rows)


def test_a_client_that_sends_byte_by_byte_is_understood(served: Container) -> None:
    with connect(served) as connection:
        for byte in connection.addressed(request()):
            connection.sendall(bytes([byte]))
        assert read(connection).status == 200


def test_a_body_as_large_as_the_limit_is_read(served: Container) -> None:
    body = b"1,2,3,4\n".ljust(6 * MEGABYTE)

    assert exchange(served, request(body)).status == 200


def test_head_and_options_are_answered_as_by_flask(served: Container) -> None:
    with connect(served) as connection:
        connection.sendall(request("", None, method="HEAD", path="/ping"))
        assert read(connection, "HEAD").status == 200
        connection.sendall(request("", None, method="OPTIONS"))
        assert read(connection).headers["Allow"] == "POST, OPTIONS"


# What does not.
BIG_BODY = b"1,2,3,4\n" * (7 * MEGABYTE // 8)
BAD_REQUESTS: dict[str, tuple[bytes, int, str]] = {
    "an empty body": (request(""), 204, ""),
    "a form, which Flask takes out of the body": (
        request(GOOD_ROW, "application/x-www-form-urlencoded"),
        204,
        "",
    ),
    "white space only": (request(" \n\t\r\n "), 415, "Could not determine delimiter"),
    "an unknown type": (request("{}", "application/json"), 415, "not an accepted ContentType"),
    "a type of several": (request(GOOD_ROW, "text/csv,text/csv"), 415, "not an accepted"),
    "csv without a type": (request(GOOD_ROW, None), 415, "Loading libsvm data failed"),
    "a label among the columns": (request(GOOD_ROW, "text/csv; label_size=2"), 415, "label_size"),
    "two labels in quotes": (request(GOOD_ROW, 'text/csv;label_size="2"'), 415, "label_size"),
    "a label_size of nothing": (request(GOOD_ROW, "text/csv;label_size="), 415, "label_size"),
    "labels counted twice": (
        request(GOOD_ROW, "text/csv;label_size=1;label_size=2"),
        415,
        "label_size",
    ),
    "parquet": (request("PAR1", "application/x-parquet"), 415, "is not supported"),
    "recordio": (request("x", "application/x-recordio-protobuf"), 415, "not reproduced locally"),
    "words": (request("a,b,c,d"), 415, "could not convert string to float: 'a'"),
    "a header line": (request(f"w,x,y,z\n{GOOD_ROW}"), 415, "Loading csv data failed"),
    "a word in a later row": (request("1,2,3,4\n" * 50 + "1,2,x,4"), 415, "float: 'x'"),
    "a row too short": (request("1,2,3,4\n1,2,3"), 415, "row 2 has 3 columns"),
    "a row too long": (request("1,2,3,4\n" * 50 + "1,2,3,4,5"), 415, "row 51 has 5 columns"),
    "a blank line between": (request("1,2,3,4\n\n5,6,7,8"), 415, "inhomogeneous shape"),
    "many blank lines between": (request("1,2,3,4\n\n" * 50), 415, "inhomogeneous shape"),
    "a cell of white space": (request("1, ,3,4"), 415, "could not convert"),
    "a quoted cell": (request('"1","2","3","4"'), 415, "could not convert"),
    "decimal commas": (request("1,5;2,5;3;4"), 415, "could not convert"),
    "infinity": (request("1,2,inf,4"), 415, "Input data contains `inf`"),
    "minus infinity in many rows": (request("1,2,-Infinity,4\n" * 50), 415, "contains `inf`"),
    "a number above 32 bits": (request("1,2,1e39,4"), 415, "a value too large"),
    "hexadecimal": (request("0x1,2,3,4"), 415, "could not convert"),
    "letters beyond ASCII": (request("1,2,3,größe"), 415, "größe"),
    "a byte order mark": (request(b"\xef\xbb\xbf1,2,3,4"), 415, "could not convert"),
    "bytes that are no text": (request(b"\xff\xfe1,2"), 415, "UnicodeDecodeError"),
    "UTF-16": (request("1,2,3,4".encode("utf-16")), 415, "UnicodeDecodeError"),
    "a compressed body": (
        request(gzip.compress(GOOD_ROW.encode()), Content_Encoding="gzip"),
        415,
        "UnicodeDecodeError",
    ),
    "NUL": (request("1,2,3,\x00"), 415, "could not convert"),
    "more columns than features": (request("1,2,3,4,5"), 400, "(4 vs. 5)"),
    "libsvm beyond the features": (request("0 0:1 4:1", "text/libsvm"), 400, "(4 vs. 5)"),
    "libsvm counted from 1 beyond the features": (
        request("0 1:1 5:1", "text/libsvm"),
        400,
        "(4 vs. 5)",
    ),
    "libsvm beyond all": (request("0 99999999999:1", "text/libsvm"), 415, "feature index"),
    "libsvm before all": (request("0 -1:1", "text/libsvm"), 415, "feature index -1"),
    "libsvm with words": (request("0 1:one", "text/libsvm"), 415, "could not convert"),
    "libsvm with a name": (request("0 qid:1", "text/libsvm"), 415, "invalid literal for int"),
    "libsvm without features": (request("0\n1", "text/libsvm"), 415, "zero sized"),
    "an answer nobody gives": (request(Accept="image/png"), 406, "image/png is not supported"),
    "a choice of answers": (request(Accept="text/csv, application/json"), 406, "not supported"),
    "an answer of selections only": (request(Accept="application/jsonlines"), 500, "use text/csv"),
    "reading invocations": (request("", None, method="GET"), 405, "not GET"),
    "putting": (request(method="PUT"), 405, "not PUT"),
    "deleting": (request("", None, method="DELETE", path="/ping"), 405, "not DELETE"),
    "an unknown method": (request("", None, method="BREW"), 405, "not BREW"),
    "a post to ping": (request(path="/ping"), 405, "not POST"),
    "an unknown path": (request(path="/models"), 404, "{}"),
    "a path around": (request(path="/invocations/../ping"), 404, "{}"),
    "a body too large": (request(BIG_BODY), 413, "larger than 6291456 bytes"),
    "chunks too large": (chunked(*[BIG_BODY[:65536]] * 112), 413, "larger than 6291456 bytes"),
    "a body too large to be asked for": (
        request(b"", Content_Length=str(7 * MEGABYTE), Expect="100-continue"),
        413,
        "larger than",
    ),
    "a chunk of no size": (chunked(end=b"zz\r\n1,2\r\n0\r\n\r\n"), 400, "Bad Request"),
    "a chunk longer than its size": (chunked(end=b"2\r\n1,2,3\r\n0\r\n\r\n"), 400, "Bad Request"),
    "a body shorter than its length": (request(Content_Length="100"), 400, "Bad Request"),
    "chunks without an end": (chunked(b"1,2,3,4", end=b""), 400, "Bad Request"),
    "a negative length": (request(Content_Length="-1"), 400, "Bad Request"),
    "a length in words": (request(Content_Length="seven"), 400, "Bad Request"),
    "two lengths": (request(Content_Length="17, 18"), 400, "Bad Request"),
    "an endless length": (request(Content_Length="9" * 30), 400, "Bad Request"),
    "an unknown encoding": (request(Transfer_Encoding="gzip"), 501, "Bad Request"),
    "a header too large": (request(X_Long="x" * 100_000), 400, "Bad Request"),
    "too many headers": (
        request(**{f"X{number}": "x" * 10 for number in range(9000)}),
        400,
        "Bad Request",
    ),
    "a path too long": (request(path="/" + "x" * 100_000), 400, "Bad Request"),
    "no host": (raw("POST /invocations HTTP/1.1\nContent-Length: 0\n\n"), 400, "Bad Request"),
    "a space before a colon": (raw("GET /ping HTTP/1.1\nHost : x\n\n"), 400, "Bad Request"),
    "NUL in a header": (raw("GET /ping HTTP/1.1\nHost: x\x00y\n\n"), 400, "Bad Request"),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "Bad"),
    "half a head": (b"POST /invocations HTT", 400, "Bad Request"),
}
ENDS_EARLY = (
    *("a body shorter than its length", "chunks without an end", "half a head"),
    "an endless length",
)


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_gets_the_containers_answer_and_harms_no_other(
    served: Container, booster: xgb.Booster, name: str
) -> None:
    sent, status, text = BAD_REQUESTS[name]

    response = exchange(served, sent, closes_half=name in ENDS_EARLY)

    assert (response.status, text in response.body) == (status, True), response
    assert response.headers["Content-Type"] == HTML
    assert not any(trace in response.body for trace in ("Traceback", "Stack trace", ".py", ".so"))
    assert predicted(post(served, GOOD_ROW)) == expected(booster, [[0.5, -1.25, 2, 0.125]])


@pytest.mark.parametrize("name", ["an empty body", "words", "a body too large", "putting"])
def test_after_a_refusal_the_connection_goes_on(served: Container, name: str) -> None:
    sent, status, _ = BAD_REQUESTS[name]
    with connect(served) as connection:
        connection.sendall(sent)
        assert read(connection).status == status
        connection.sendall(request())
        assert read(connection).status == 200


def test_a_client_that_leaves_in_the_middle_harms_no_other(served: Container) -> None:
    for sent in (b"", b"POST", request()[:-3], request(), request(BIG_BODY)[:MEGABYTE]):
        with connect(served) as connection:
            connection.sendall(sent)

    assert post(served, GOOD_ROW).status == 200


def test_a_client_that_reads_nothing_harms_no_other(served: Container) -> None:
    with connect(served) as connection:
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError):
            for _ in range(1000):
                connection.sendall(request("1,2,3,4\n" * 20_000))
            pytest.fail("the container takes requests whose answers nobody reads")
        assert post(served, GOOD_ROW).status == 200


def test_a_request_that_comes_too_slowly_is_refused_in_time(model_dir: Path) -> None:
    limits = Limits(request_seconds=0.5)
    for sent in (b"POST /invoc", request()[:-3], chunked(b"1,2", end=b"")):
        with (
            served_in_a_thread(service(model_dir).answer, limits) as port,
            connect_to(port) as slow,
            connect_to(port) as other,
        ):
            slow.sendall(sent)
            began = time.monotonic()
            other.sendall(request())
            assert read(other).status == 200
            response = read(slow)

        assert response.status == 408
        assert time.monotonic() - began < 5


def test_a_connection_that_waits_too_long_is_closed(model_dir: Path) -> None:
    limits = Limits(idle_seconds=0.3)
    with (
        served_in_a_thread(service(model_dir).answer, limits) as port,
        connect_to(port) as connection,
    ):
        connection.sendall(request())
        assert read(connection).status == 200
        assert connection.recv(1) == b""


# The settings and the model.
def test_a_larger_or_smaller_limit_is_a_variables(serve: Serve) -> None:
    process = serve(MAX_CONTENT_LENGTH=str(MEGABYTE))

    parameters = exchange(process, request("", method="GET", path="/execution-parameters"))
    assert json.loads(parameters.body)["MaxPayloadInMB"] == 1
    assert exchange(process, request(BIG_BODY[: MEGABYTE + 1])).status == 413


def test_the_type_that_is_answered_by_default_is_a_variables(serve: Serve) -> None:
    process = serve(SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="application/json")

    assert post(process, GOOD_ROW).headers["Content-Type"] == "application/json"


def test_selected_output_has_the_columns_that_are_asked_for(serve: Serve, tmp_path: Path) -> None:
    booster = trained("binary:logistic")
    process = serve(
        save(booster, tmp_path / "model"),
        SAGEMAKER_INFERENCE_OUTPUT="probabilities, predicted_label",
    )

    response = exchange(process, request("2,0,0,0", Accept="application/jsonlines"))

    row = json.loads(response.body)
    probability = float(booster.predict(xgb.DMatrix([[2.0, 0, 0, 0]]))[0])
    assert list(row) == ["predicted_label", "probabilities"]  # in the container's order
    assert row["predicted_label"] == 1
    assert row["probabilities"] == pytest.approx([1 - probability, probability], abs=1e-6)


def test_selected_output_may_be_asked_for_as_recordio(serve: Serve, tmp_path: Path) -> None:
    process = serve(
        save(trained("reg:squarederror"), tmp_path / "model"),
        SAGEMAKER_INFERENCE_OUTPUT="predicted_score",
    )
    with connect(process) as connection:
        connection.sendall(request(Accept="application/x-recordio-protobuf"))
        with connection.makefile("rb") as stream:
            assert b" 200 " in stream.readline()
            headers = dict(http.client.parse_headers(stream))
            body = stream.read(int(headers["Content-Length"]))

    assert headers["Content-Type"] == "application/x-recordio-protobuf"
    assert body[:4] == (0xCED7230A).to_bytes(4, "little")
    assert b"predicted_score" in body


@pytest.mark.parametrize(
    ("image_tag", "body", "rows"),
    [
        ("3.2-0", "0 1:1.5 4:2\n1 2:-1", [[1.5, NAN, NAN, 2], [NAN, -1, NAN, NAN]]),
        ("3.2-0", "0 2:1.5 4:2", [[NAN, 1.5, NAN, 2]]),
        ("3.2-0", "0 0:1.5 3:2\n1 1:-1", [[1.5, NAN, NAN, 2], [NAN, -1, NAN, NAN]]),
        ("3.0-5", "0 1:1.5 3:2", [[NAN, 1.5, NAN, 2]]),
    ],
)
def test_libsvm_that_counts_from_one_is_shifted_by_todays_image_only(
    serve: Serve, booster: xgb.Booster, image_tag: str, body: str, rows: list[list[float]]
) -> None:
    process = serve(image_tag=image_tag)

    assert predicted(post(process, body, "text/libsvm")) == expected(booster, rows)


def test_several_models_in_a_folder_are_averaged(
    serve: Serve, tmp_path: Path, booster: xgb.Booster
) -> None:
    other = trained("reg:squarederror", max_depth=1)
    model_dir = save(booster, tmp_path / "model")
    (model_dir / "xgboost-model").rename(model_dir / "xgboost-model-0")
    (model_dir / "xgboost-model-1").write_bytes(other.save_raw(raw_format="ubj"))
    process = serve(model_dir)
    rows = features(30)

    both = [each.predict(xgb.DMatrix(rows)) for each in (booster, other)]
    assert predicted(post(process, csv_text(rows))) == pytest.approx(
        np.mean(both, axis=0), abs=1e-6
    )


def test_one_of_several_models_that_does_not_load_is_told_by_the_one_who_starts(
    serve: Serve, tmp_path: Path, booster: xgb.Booster
) -> None:
    model_dir = save(booster, tmp_path / "model")
    (model_dir / "xgboost-model-1").write_bytes(b"no model")

    with pytest.raises(LaunchFailure, match="Model at xgboost-model-1 cannot be loaded"):
        serve(model_dir)


def test_a_dart_booster_predicts_the_very_numbers_of_its_matrix(
    serve: Serve, tmp_path: Path
) -> None:
    booster = trained("reg:squarederror", booster="dart", rate_drop=0.5)
    process = serve(save(booster, tmp_path / "model"))
    rows = features(100)

    by_matrix = booster.predict(xgb.DMatrix(rows), validate_features=False).tolist()
    assert predicted(post(process, csv_text(rows))) == by_matrix


@pytest.mark.parametrize(
    ("objective", "parameters"),
    [
        ("multi:softprob", {"num_class": 3}),
        ("binary:logistic", {}),
        ("reg:squarederror", {"booster": "gblinear"}),
        ("reg:squarederror", {"booster": "dart", "rate_drop": 0.5}),
    ],
)
def test_any_booster_is_predicted_as_it_predicts_itself(
    serve: Serve, tmp_path: Path, objective: str, parameters: dict[str, object]
) -> None:
    booster = trained(objective, **parameters)
    process = serve(save(booster, tmp_path / "model"))
    table = features(30)

    response = post(process, csv_text(table))

    answered = [[float(cell) for cell in line.split(",")] for line in response.body.splitlines()]
    by_booster = booster.predict(xgb.DMatrix(table)).reshape(30, -1)
    assert np.array(answered) == pytest.approx(by_booster, abs=1e-6)


@pytest.mark.parametrize("content", [b"", b"no model", b"{}", pickle.dumps({"any": "object"})])
def test_a_model_that_does_not_load_fails_the_ping_and_each_invocation(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "xgboost-model").write_bytes(content)
    asked = service(tmp_path)

    ping = asked.answer(Request("GET", "/ping", {}, b""))
    invocation = asked.answer(
        Request("POST", "/invocations", {"content-type": "text/csv"}, GOOD_ROW.encode())
    )

    assert (ping.status, invocation.status) == (500, 500)
    assert b"Unable to load model: Model at xgboost-model cannot be loaded" in ping.body
    assert ping.body == invocation.body


def test_a_container_whose_model_does_not_load_is_told_by_the_one_who_starts(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "xgboost-model").write_bytes(b"no model")

    with pytest.raises(LaunchFailure, match="Model at xgboost-model cannot be loaded"):
        serve(tmp_path / "model")


def test_a_model_that_comes_later_is_loaded_then(tmp_path: Path, booster: xgb.Booster) -> None:
    asked, ping = service(tmp_path), Request("GET", "/ping", {}, b"")
    assert b"it holds none" in asked.answer(ping).body

    save(booster, tmp_path)

    assert asked.answer(ping).status == 200


def test_a_setting_that_cannot_be_read_is_told_by_the_one_who_starts(serve: Serve) -> None:
    with pytest.raises(LaunchFailure, match="MAX_CONTENT_LENGTH is '6 MB'; it must be"):
        serve(MAX_CONTENT_LENGTH="6 MB")


# The process.
def test_only_loopback_is_listened_on(served: Container) -> None:
    own = psutil.Process(served.pid)
    connections = [each for process in [own, *own.children()] for each in process.net_connections()]

    listening = {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_stopped_container_has_answered_what_had_begun(serve: Serve) -> None:
    process = serve()
    with connect(process) as slow, connect(process) as idle:
        slow.sendall(request()[:-3])
        post(process, GOOD_ROW)
        stopping = threading.Thread(target=process.stop)
        stopping.start()
        time.sleep(0.6)
        assert idle.recv(1) == b""
        slow.sendall(request()[-3:])
        response = read(slow)
        stopping.join(SECONDS)

    assert response.status == 200
    assert response.headers["Connection"] == "close"
    assert process.exit_code() == 0


def test_a_connection_between_two_containers_waits_for_the_second(serve: Serve) -> None:
    first = serve()
    assert first.stop() == 0

    with connect(first) as early:
        early.sendall(request())
        serve(listening=first.listening)
        assert read(early).status == 200


def test_no_request_is_lost_while_another_container_takes_over_under_load(
    serve: Serve, tmp_path: Path
) -> None:
    other_dir = save(trained("reg:squarederror", max_depth=1), tmp_path / "other")
    blue = serve()
    outcomes: list[tuple[int, str]] = []
    has_ended = threading.Event()

    def ask() -> None:
        while not has_ended.is_set():
            try:
                response = post(blue, GOOD_ROW)
                outcomes.append((response.status, response.body))
            except OSError as error:
                outcomes.append((0, repr(error)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert eventually(lambda: len(outcomes) > 20)

    green = serve(other_dir, listening=blue.listening)
    exit_code = blue.stop()
    answered = len(outcomes)
    assert eventually(lambda: len(outcomes) > answered + 20)
    has_ended.set()

    for thread in threads:
        thread.join(SECONDS)
    assert exit_code == 0
    assert {status for status, _ in outcomes} == {200}
    assert len({body for _, body in outcomes}) == 2
    assert outcomes[-1][1] == post(green, GOOD_ROW).body


def test_a_client_that_never_finishes_does_not_keep_a_server(model_dir: Path) -> None:
    limits = Limits(request_seconds=1)
    with contextlib.ExitStack() as server:
        port = server.enter_context(served_in_a_thread(service(model_dir).answer, limits))
        with connect_to(port) as connection:
            connection.sendall(request()[:-3])
            began = time.monotonic()
            server.close()

    assert time.monotonic() - began < 10


def test_stopping_twice_does_nothing_more(serve: Serve) -> None:
    process = serve()

    assert (process.stop(), process.stop()) == (0, 0)


def memory_of(process: Container) -> int:
    """Bytes of all its processes; pages that they share count for each."""
    own = psutil.Process(process.pid)
    return sum(each.memory_info().rss for each in [own, *own.children()])


def test_memory_stays_as_it_is_over_many_requests(served: Container) -> None:
    many = int(os.environ.get("SERVING_REQUESTS", "4000"))
    mixed = [request(), request("a,b"), request("1,2,3,4\n" * 500), request(path="/x"), request("")]

    def ask(count: int) -> None:
        with contextlib.ExitStack() as exits:
            # Enough of them for every worker to have some.
            connections = [exits.enter_context(connect(served)) for _ in range(8)]
            for number in range(count):
                connection = connections[number % 8]
                connection.sendall(mixed[number % len(mixed)])
                read(connection)

    ask(2000)
    before = memory_of(served)
    ask(many)

    assert memory_of(served) - before < 2 * MEGABYTE


def test_a_container_has_the_workers_that_it_was_given(served: Container) -> None:
    assert len(psutil.Process(served.pid).children()) == 2


def test_a_worker_that_is_killed_is_started_again(serve: Serve) -> None:
    process = serve()
    container = psutil.Process(process.pid)
    killed, other = container.children()

    killed.kill()

    assert eventually(lambda: len({*container.children()} - {killed, other}) == 1)
    assert "was killed (SIGKILL)" in process.log
    assert {post(process, GOOD_ROW).status for _ in range(20)} == {200}
    assert other.is_running()
    assert process.stop() == 0


def test_a_container_whose_workers_end_again_and_again_ends_with_an_error(serve: Serve) -> None:
    process = serve()
    container = psutil.Process(process.pid)
    seen = set()
    while not process.fleet.has_ended:
        with contextlib.suppress(psutil.NoSuchProcess):
            for worker in container.children()[:1]:
                seen.add(worker.pid)
                worker.kill()

    assert process.exit_code() == 1
    assert 5 <= len(seen) <= 6


def test_what_was_refused_is_in_the_log_without_a_trace(serve: Serve) -> None:
    process = serve()

    post(process, "a,b,c,d")

    assert "ERROR] Loading csv data failed" in process.log
    assert "Traceback" not in process.log


def test_a_common_client_is_served(served: Container) -> None:
    command = ["curl", "-sS", "-H", "Content-Type: text/csv", "--data-binary", GOOD_ROW]
    answered = subprocess.run(
        [*command, f"{served.url}/invocations"], capture_output=True, check=True, timeout=SECONDS
    )

    assert float(answered.stdout) == predicted(post(served, GOOD_ROW))[0]
