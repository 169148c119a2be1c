#!/usr/bin/python3
"""The sample backend: the travelers of the database, as a page and as JSON.

    GET   /                    the page
    GET   /travelers           JSON, all of them
    GET   /travelers/8414L     JSON, one job (a list: job_number is not unique) with its steps
    PATCH /travelers/8414L     {"quantity": 260}; the audit trail gets user, address and user agent
    PUT   /media/drawing.pdf   an uploaded file, of 10 MB at most; GET gives it back
    GET   /health              200 when the database answers

DATABASE_URL says where the database is, or POSTGRES_HOST, _DB, _USER and _PASSWORD_FILE; HOST and PORT where to listen (127.0.0.1:8000; PORT=0 takes a free one);
MEDIA the folder of uploaded files (media, beside this file).
SIGTERM and SIGINT let running requests finish, then it ends with 0. It knows nothing of migrations and seeds: it is
started on a database that is ready.
"""

import html
import json
import os
import re
import signal
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import psycopg2
import psycopg2.extras

OVERVIEW = """
select job_number, work_order_number, part_number, part_description, revision, quantity,
    customer_name, priority, status, steps, steps_completed, estimated_minutes,
    next_step_number, next_operation, updated_at
from traveler_overview
"""

STEPS = """
select s.step_number, s.operation, s.work_center_code, s.quantity, s.estimated_time, s.is_completed
from process_steps s
join travelers t on t.id = s.traveler_id
where t.job_number = %s
order by t.id, s.step_number
"""

# What a PATCH may change. Names of columns cannot be parameters, so they come from here only.
EDITABLE = ("quantity", "notes", "comments", "due_date", "ship_date")

MEDIA = os.environ.get("MEDIA", os.path.join(os.path.dirname(os.path.abspath(__file__)), "media"))
UPLOAD_LIMIT = 10_000_000

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>NEXUS travelers</title>
<style>
:root { color-scheme: light dark; --ink: #1d2733; --dim: #66727f; --line: #dfe4ea; --paper: #fff; --desk: #f3f5f8;
    --mark: #2563a8; }
@media (prefers-color-scheme: dark) {
    :root { --ink: #e4e9ef; --dim: #97a3b0; --line: #2c3743; --paper: #19212a; --desk: #10161d; --mark: #6cabec; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 3rem 1rem; background: var(--desk); color: var(--ink);
    font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: auto; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.01em; }
p { margin: .25rem 0 2rem; color: var(--dim); }
article { display: grid; grid-template-columns: 11rem 1fr 13rem; gap: 1.5rem; align-items: center;
    background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.4rem;
    margin-bottom: .8rem; }
b { display: block; font-size: 1.15rem; }
small { display: block; color: var(--dim); }
.number { font-variant-numeric: tabular-nums; }
.bar { height: 6px; border-radius: 3px; background: var(--line); margin: .5rem 0 .3rem; overflow: hidden; }
.bar i { display: block; height: 100%; background: var(--mark); }
a { color: var(--mark); }
@media (max-width: 44rem) { article { grid-template-columns: 1fr; gap: .5rem; } }
</style>
<main>
<h1>NEXUS travelers</h1>
"""

CARD = """<article>
<div><b>{job_number}</b><small>work order {work_order_number}</small></div>
<div>{part_description}<small>{part}</small></div>
<div class="number">{quantity} pieces
<div class="bar"><i style="width: {percent}%"></i></div>
<small>{steps_completed} of {steps} steps{next_up}</small></div>
</article>
"""


def connection_string():
    """DATABASE_URL, or what the variables of the official image say; None when neither does."""
    if "DATABASE_URL" in os.environ or "POSTGRES_HOST" not in os.environ:
        return os.environ.get("DATABASE_URL")
    with open(os.environ["POSTGRES_PASSWORD_FILE"], encoding="utf-8") as secret:
        return psycopg2.extensions.make_dsn(
            host=os.environ["POSTGRES_HOST"],
            dbname=os.environ["POSTGRES_DB"],
            user=os.environ["POSTGRES_USER"],
            password=secret.read().rstrip("\n"),
        )


class Session:
    """One connection, one transaction: `with Session() as rows: rows.execute(...)`."""

    def __enter__(self):
        self.connection = psycopg2.connect(connection_string(), application_name="nexus-backend")
        return self.connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor)

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.connection.commit()
        finally:
            self.connection.close()  # what was not committed is rolled back


def all_travelers():
    with Session() as rows:
        rows.execute(OVERVIEW + "order by id")
        return rows.fetchall()


def one_job(job_number):
    with Session() as rows:
        rows.execute(OVERVIEW + "where job_number = %s order by id", (job_number,))
        travelers = rows.fetchall()
        rows.execute(STEPS, (job_number,))
        return {"travelers": travelers, "process_steps": rows.fetchall()} if travelers else None


def change(job_number, values, address, agent):
    """Sets columns of a job; False when there is none. Who did it goes to the audit triggers."""
    columns = ", ".join(f"{column} = %({column})s" for column in values)
    with Session() as rows:
        rows.execute(
            """
            select set_config('nexus.user_id', id::text, true),
                set_config('nexus.ip_address', %s, true),
                set_config('nexus.user_agent', %s, true)
            from users
            where username = 'system'
            """,
            (address, agent),
        )
        rows.execute(f"update travelers set {columns} where job_number = %(job)s", {**values, "job": job_number})
        return rows.rowcount > 0


def uploaded(name):
    """The path of an uploaded file, or None: a name has no slash and does not begin with a dot."""
    return os.path.join(MEDIA, name) if re.fullmatch(r"[\w-][\w.-]*", name) else None


def keep(path, content):
    """Whole or not at all, also for whoever reads it meanwhile."""
    with tempfile.NamedTemporaryFile(dir=MEDIA, prefix=".", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
            os.rename(file.name, path)
        except OSError:
            os.unlink(file.name)
            raise


def page():
    travelers = all_travelers()
    cards = [PAGE, f"<p>{len(travelers)} in the database &middot; <a href='travelers'>as JSON</a></p>\n"]
    for traveler in travelers:
        shown = {name: html.escape(str(value)) for name, value in traveler.items() if value is not None}
        part = [shown["part_number"], shown.get("revision"), shown.get("customer_name")]
        next_up = shown.get("next_operation")
        cards.append(CARD.format(
            **{"work_order_number": "&ndash;", **shown},
            part=" &middot; ".join(filter(None, part)),
            percent=100 * traveler["steps_completed"] // max(traveler["steps"], 1),
            next_up=f", next: {next_up}" if next_up else "",
        ))
    return "".join(cards) + "</main>\n"


class Handler(BaseHTTPRequestHandler):
    server_version = "nexus-backend"
    sys_version = ""
    timeout = 10  # a client that says nothing does not keep us from ending

    def do_GET(self):
        self.answer(self.look)

    def do_PATCH(self):
        self.answer(self.edit)

    def do_PUT(self):
        self.answer(self.upload)

    def look(self, path):
        if path == ["health"]:
            with Session() as rows:
                rows.execute("select 1")
            return 200, "ok\n"
        if path == []:
            return 200, page()
        if path == ["travelers"]:
            return 200, all_travelers()
        if len(path) == 2 and path[0] == "travelers":
            found = one_job(path[1])
            return (200, found) if found else (404, "no such traveler\n")
        if len(path) == 2 and path[0] == "media" and uploaded(path[1]) and os.path.isfile(uploaded(path[1])):
            with open(uploaded(path[1]), "rb") as file:
                return 200, file.read()
        return 404, "no such page\n"

    def upload(self, path):
        length = self.headers.get("Content-Length", "")
        self.close_connection = True  # what is refused is not read
        if len(path) != 2 or path[0] != "media" or not uploaded(path[1]):
            return 404, "no such page\n"
        if not length.isdecimal() or int(length) > UPLOAD_LIMIT:
            return 413, f"expected a Content-Length of at most {UPLOAD_LIMIT}\n"
        content = self.rfile.read(int(length))
        if len(content) != int(length):
            return 400, "cut off\n"
        keep(uploaded(path[1]), content)
        return 201, "kept\n"

    def edit(self, path):
        if len(path) != 2 or path[0] != "travelers":
            return 404, "no such page\n"
        try:
            values = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            values = None
        if not isinstance(values, dict) or not values or not set(values) <= set(EDITABLE):
            return 400, f"expected a JSON object with any of {', '.join(EDITABLE)}\n"
        try:
            known = change(path[1], values, self.client_address[0], self.headers.get("User-Agent", ""))
        except (psycopg2.DataError, psycopg2.IntegrityError, psycopg2.ProgrammingError) as refused:
            return 400, refused.diag.message_primary + "\n"
        return (200, one_job(path[1])) if known else (404, "no such traveler\n")

    def answer(self, work):
        try:
            path = [unquote(part) for part in urlsplit(self.path).path.split("/") if part]
            status, body = work(path)
        except psycopg2.OperationalError as trouble:
            self.log_error("database: %s", str(trouble).strip())
            status, body = 503, "the database does not answer\n"
        kind = "text/plain"
        if isinstance(body, bytes):
            kind = "application/octet-stream"
        elif not isinstance(body, str):
            kind, body = "application/json", json.dumps(body, indent=2, default=str) + "\n"
        elif body.startswith("<!doctype"):
            kind = "text/html"
        content = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind if content is body else kind + "; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words):
        print("backend:", words[0] % words[1:], file=sys.stderr, flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close() waits for running requests


def main():
    host = os.environ.get("HOST", "127.0.0.1")
    server = Server((host, int(os.environ.get("PORT", "8000"))), Handler)

    def end(number, _frame):
        print(f"backend: {signal.Signals(number).name}, ending", file=sys.stderr, flush=True)
        # shutdown() waits for serve_forever(), which runs in this very thread.
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    print(f"backend: listening on http://{host}:{server.server_port}/", file=sys.stderr, flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()


if __name__ == "__main__":
    if not connection_string():
        sys.exit("backend: neither DATABASE_URL nor POSTGRES_HOST is set")
    main()
