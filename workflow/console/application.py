"""The console as an application of WSGI."""

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from flask import Flask, Response, make_response, render_template
from werkzeug.exceptions import HTTPException

from workflow.console import endpoint_pages, execution_pages
from workflow.console.access import FORM_FIELD, ConsoleAccess, guard
from workflow.console.responses import linked
from workflow.console.watched import Watched
from workflow.errors import WorkflowError
from workflow.report.markup import number, seconds
from workflow.report.outcomes import kind_of
from workflow.report.style import STYLE

# More than an input may have, so that the page can say what is wrong with one of a megabyte.
MAX_BODY_BYTES: Final = 3 * 1024**2
_KINDS: Final = {
    **dict.fromkeys(("released", "kept", "succeeded"), "succeeded"),
    **dict.fromkeys(("rejected", "refused", "aborted"), "failed"),
}


def application(watched: Watched, access: ConsoleAccess) -> Flask:
    """Return the console of a workflow; `access` says who may ask."""
    app = Flask(__name__)
    app.config |= {"MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES, "MAX_CONTENT_LENGTH": MAX_BODY_BYTES}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"linked": linked, "seconds": seconds, "number": number}
    app.jinja_env.globals |= {
        "form_field": FORM_FIELD,
        "form_token": access.form,
        "outcome_kind": _outcome_kind,
    }
    guard(app, access)
    execution_pages.add(app, watched)
    endpoint_pages.add(app, watched)
    _add_style(app)
    _add_errors(app)
    return app


def _add_style(app: Flask) -> None:
    @app.get("/console.css")
    def style() -> Response:
        with app.open_resource("static/console.css", "r") as file:
            return Response(STYLE + file.read(), content_type="text/css; charset=utf-8")


def _add_errors(app: Flask) -> None:
    def told(text: str, status: int) -> Response:
        return make_response(render_template("error.html", text=text), status)

    @app.errorhandler(WorkflowError)
    def _(error: WorkflowError) -> Response:
        return told(str(error), 422)

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> Response:
        return told(error.description or error.name, error.code or 500)

    @app.errorhandler(ClientError)
    def _(error: ClientError) -> Response:
        is_missing = error.response["Error"]["Code"] == "ExecutionDoesNotExist"
        return told(str(error), 404 if is_missing else 502)

    @app.errorhandler(BotoCoreError)
    def _(error: BotoCoreError) -> Response:
        return told(str(error), 502)


def _outcome_kind(text: str) -> str:
    """Return the style's class of a verdict, or of an execution's status."""
    lower = text.lower().replace("_", " ")
    return _KINDS.get(lower, kind_of(lower))
