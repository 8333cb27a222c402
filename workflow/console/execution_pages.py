"""The pages about executions: listed, started, watched, answered, reported and compared."""

from dataclasses import replace
from typing import Final

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from workflow.console import input_help
from workflow.console.executions import COMMENT_CHARACTERS, DECISIONS, LISTED, Executions
from workflow.console.responses import live, part, whole_page
from workflow.console.watched import Watched
from workflow.errors import WorkflowError
from workflow.report import model_sections, sections
from workflow.report.comparison import compared
from workflow.report.page import page_of
from workflow.report.record import Record

_COMPARED: Final = 2


def add(app: Flask, watched: Watched) -> None:
    """Add the pages to an application."""
    found = Executions(watched)
    _add_listing(app, found)
    _add_starting(app, found, watched)
    _add_execution(app, found)
    _add_reports(app, found)


def _add_listing(app: Flask, found: Executions) -> None:
    def table() -> Markup:
        return part("executions-table.html", listed=found.listed(), most=LISTED)

    @app.get("/")
    def overview() -> str:
        return render_template("overview.html", table=table())

    @app.get("/live/executions")
    def live_executions() -> Response:
        return live(table())


def _add_starting(app: Flask, found: Executions, watched: Watched) -> None:
    @app.get("/start")
    def start() -> str:
        like = request.args.get("like")
        return page(found.given_input(like) if like else None, [])

    @app.post("/start")
    def start_execution() -> AnyResponse:
        text, name = request.form.get("input", ""), request.form.get("name", "").strip()
        checked = input_help.checked(text)
        if checked.value is None:
            return make_response(page(text, checked.problems, name), 422)
        try:
            started = found.start(checked.value, name)
        except WorkflowError as error:
            return make_response(page(text, [str(error)], name), 422)
        return redirect(url_for("execution", name=started), 303)

    @app.post("/check")
    def check() -> Markup:
        return part("problems.html", problems=input_help.checked(_body_text()).problems)

    def page(text: str | None, problems: list[str], name: str = "") -> str:
        if text is None:
            text = app.json.dumps(watched.first_input, indent=2)
        return render_template(
            "start.html",
            text=text,
            problems=problems,
            name=name,
            fields=input_help.fields(),
            note=input_help.note(),
        )


def _add_execution(app: Flask, found: Executions) -> None:
    def parts(name: str) -> Markup:
        record = found.record(name)
        shown = (
            sections.graph(record),
            sections.times(record),
            model_sections.model(record),
            model_sections.data(record),
            sections.lineage(record),
            sections.states(record),
        )
        # Of others' texts the report has escaped every one.
        return part(
            "execution-parts.html",
            record=record,
            verdict=Markup(_verdict(record)),  # noqa: S704 - see above
            parts=Markup("".join(shown)),  # noqa: S704 - see above
        )

    def question(name: str) -> Markup:
        return part("question.html", name=name, package_arn=found.waiting_package(name))

    @app.get("/executions/<name>")
    def execution(name: str) -> str:
        _, is_running = found.version(name)
        return render_template(
            "execution.html",
            name=name,
            is_running=is_running,
            parts=parts(name),
            question=question(name),
        )

    @app.get("/live/executions/<name>")
    def live_execution(name: str) -> Response:
        version, is_running = found.version(name)
        return live(lambda: parts(name), version=version, has_ended=not is_running)

    @app.get("/live/executions/<name>/question")
    def live_question(name: str) -> Response:
        return live(question(name))

    @app.post("/executions/<name>/decision")
    def decide(name: str) -> AnyResponse:
        comment = request.form.get("comment", "").strip()
        found.decide(name, request.form.get("decision", ""), comment)
        return redirect(url_for("execution", name=name), 303)

    app.jinja_env.globals |= {"decisions": DECISIONS, "comment_characters": COMMENT_CHARACTERS}


def _add_reports(app: Flask, found: Executions) -> None:
    @app.get("/executions/<name>/report")
    def report(name: str) -> Response:
        return whole_page(page_of(found.record(name)))

    @app.get("/compare")
    def compare() -> str:
        names = request.args.getlist("run")
        if len(names) != _COMPARED:
            raise WorkflowError(f"choose two executions to compare, not {len(names)}")
        first, second = map(found.record, names)
        return render_template("compare.html", names=names, lines=compared(first, second))


def _body_text() -> str:
    return request.get_data().decode(errors="replace")


def _verdict(record: Record) -> str:
    """Return the report's own, without its advice for who has nothing but the report."""
    if record.summary.ended_at is None:
        record = replace(record, verdict=replace(record.verdict, next_steps=()))
    return sections.verdict(record)
