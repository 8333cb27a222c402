"""The pages about the endpoint, its monitor, and the messages."""

from flask import Flask, Response, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from workflow.account import aws
from workflow.account.release_state import differences, read_state
from workflow.account.status_report import rows_of
from workflow.console import monitor, prediction
from workflow.console.monitor import Windows
from workflow.console.responses import live, part, whole_page
from workflow.console.watched import Watched
from workflow.errors import WorkflowError


def add(app: Flask, watched: Watched) -> None:
    """Add the pages to an application."""
    _add_endpoint(app, watched)
    _add_messages(app, watched)


def _add_endpoint(app: Flask, watched: Watched) -> None:
    def status() -> Markup:
        with aws.actionable_errors():
            found = read_state(
                watched.parameter_name, watched.endpoint_name, clients=watched.clients
            )
        return part("status.html", rows=rows_of(found), differences=differences(found))

    def page(values: dict[str, str], **text: str) -> str:
        return render_template(
            "endpoint.html",
            status=status(),
            windows=_windows(watched),
            columns=prediction.columns(),
            values=values,
            **text,
        )

    @app.get("/endpoint")
    def endpoint() -> str:
        return page({})

    @app.get("/live/endpoint")
    def live_endpoint() -> Response:
        return live(status())

    @app.post("/endpoint")
    def predict() -> AnyResponse:
        values = {column.name: request.form.get(column.name, "") for column in prediction.columns()}
        try:
            return make_response(page(values, predicted=prediction.predicted(values, watched)))
        except WorkflowError as error:
            return make_response(page(values, problem=str(error)), 422)

    @app.get("/monitor/<path:window>")
    def monitor_window(window: str) -> Response:
        return whole_page(monitor.page_of_window(watched, window))


def _add_messages(app: Flask, watched: Watched) -> None:
    def listed() -> Markup:
        here = request.host_url.rstrip("/")
        shown = [
            {"subject": sent.subject, "text": watched.shown(sent.text, here)}
            for sent in watched.messages()
        ]
        return part("messages-list.html", messages=shown[::-1])

    @app.get("/messages")
    def messages() -> str:
        return render_template("messages.html", listed=listed())

    @app.get("/live/messages")
    def live_messages() -> Response:
        return live(listed, version=str(len(watched.messages())))


def _windows(watched: Watched) -> Windows:
    try:
        return monitor.windows_of(watched)
    except WorkflowError as error:
        return Windows(str(error), ())
