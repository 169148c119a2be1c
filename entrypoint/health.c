/* See health.h. */
#include "health.h"

#include <string.h>
#include <time.h>

#include "arena.h"
#include "boot.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "phase.h"
#include "probe.h"
#include "scoped.h"
#include "target.h"

#define CHECKS 4

/* What is asked, and what was answered. */
struct check {
	const char *name;
	bool (*ask)(struct check *check, struct err *err);
	const struct boot *boot;
	const char *from; /* what --http and --tcp say */
	int64_t deadline;
	struct arena *arena;
	struct probe probe; /* the same, read */
	const char *words;  /* the answer */
	bool needs_a_phase; /* it was asked for by name: unknown is not well */
	bool was_well;
};

static bool
is_well(struct check *check, const char *words)
{
	check->was_well = true;
	check->words = words;
	return true;
}

/* What the server, the system or a page says; a signal is more than that. */
static bool
is_not_well(struct check *check, struct err *err)
{
	if (err->fault >= FAULT_SIGNAL)
		return false;
	check->words = arena_copy(check->arena, err->what);
	err_clear(err);
	return true;
}

/* In seconds. A clock may have been set back since. */
static int64_t
age(const struct phase_record *record)
{
	const int64_t now = time(NULL);

	return record->since > 0 && record->since < now ? now - record->since : 0;
}

/* Where no file can be kept (a read-only root), the others have to tell. */
static bool
ask_phase(struct check *check, struct err *err)
{
	struct phase_record record;
	struct err unknown = { 0 };

	(void)err; /* the form of all checks */
	if (!phase_read(&record, check->boot->config->phase_file, &unknown)) {
		check->was_well = !check->needs_a_phase;
		check->words = arena_join(check->arena, "unknown: ", unknown.what, "");
		return true;
	}
	check->was_well = strcmp(record.name, "running") == 0;
	check->words =
		arena_print(check->arena, "%s%s%s (%lld s)", record.name, *record.detail ? " " : "",
	                    record.detail, (long long)age(&record));
	return true;
}

/* The connection that the application has; only where that is nobody's, ours. */
static bool
find_target(const struct check *check, struct target *target, struct err *err)
{
	const struct config *config = check->boot->config;

	if (target_find(target, config->url, config->url_from, check->arena, err))
		return true;
	if (config->url || !config->admin_url)
		return err_hint(err, "`health phase` asks no database");
	err_clear(err);
	return target_find(target, config->admin_url, config->admin_url_from, check->arena, err);
}

static bool
ask_database(struct check *check, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	SCOPED(db_close) struct db *db = NULL;
	struct target target;
	enum outlook outlook;

	if (!find_target(check, &target, err))
		return false;
	db = db_open(&target, check->deadline, NULL, &outlook, err);
	if (!db)
		return is_not_well(check, err);
	db_limit(db, check->deadline);
	if (!db_ask(db, ASK(SHAPE_VALUE, "select 1"), &answer, err))
		return is_not_well(check, err);
	return is_well(check, "answers");
}

static bool
ask_page(struct check *check, struct err *err)
{
	int status;

	if (!probe_run(&check->probe, check->deadline, &status, err))
		return is_not_well(check, err);
	check->was_well = status >= 200 && status < 400;
	check->words = arena_print(check->arena, "%d", status);
	return true;
}

static bool
ask_port(struct check *check, struct err *err)
{
	int none;

	return probe_run(&check->probe, check->deadline, &none, err) ? is_well(check, "accepts")
	                                                             : is_not_well(check, err);
}

/* Is this among the operands? Without any, all are meant. */
static bool
is_asked(const struct boot *boot, const char *name)
{
	char **at = boot->request->operands;

	while (*at && strcmp(*at, name) != 0)
		at++;
	return *at || !*boot->request->operands;
}

static bool
check_operands(const struct boot *boot, struct err *err)
{
	for (char **at = boot->request->operands; *at; at++)
		if (strcmp(*at, "phase") != 0 && strcmp(*at, "database") != 0) {
			(void)err_set(err, FAULT_USAGE, "health does not ask for %s", *at);
			return err_hint(err, "phase, database, --http=URL, --tcp=HOST:PORT; for a "
			                     "program of that name: -- health");
		}
	return true;
}

/* What --http and --tcp say is read before anything is asked. */
static bool
read_probes(const struct boot *boot, struct check *page, struct check *port, struct err *err)
{
	page->from = boot->request->http;
	port->from = boot->request->tcp;
	return (!page->from || probe_of_url(&page->probe, page->from, page->arena, err)) &&
	       (!port->from || probe_of_address(&port->probe, port->from, port->arena, err));
}

/* In the order in which they are asked; those that are not have no `ask`. */
static bool
list_checks(const struct boot *boot, struct check checks[CHECKS], struct arena *arena,
            struct err *err)
{
	const struct check pattern = { .boot = boot,
		                       .deadline = clock_ahead(boot->config->health_timeout),
		                       .arena = arena,
		                       .needs_a_phase = *boot->request->operands != NULL };
	static const char *const names[CHECKS] = { "phase", "database", "http", "tcp" };

	for (size_t i = 0; i < CHECKS; i++) {
		checks[i] = pattern;
		checks[i].name = names[i];
	}
	if (!read_probes(boot, &checks[2], &checks[3], err))
		return false;
	checks[0].ask = is_asked(boot, "phase") ? ask_phase : NULL;
	checks[1].ask = is_asked(boot, "database") ? ask_database : NULL;
	checks[2].ask = checks[2].from ? ask_page : NULL;
	checks[3].ask = checks[3].from ? ask_port : NULL;
	return true;
}

static void
add_words(struct text *page, const struct check *check, int64_t took)
{
	text_print(page, "%s%s %s%s%s", page->length ? ", " : "", check->name,
	           check->from ? check->from : "", check->from ? " " : "", check->words);
	if (check->was_well && check->ask != ask_phase)
		text_print(page, " in %lld ms", (long long)took);
}

static void
add_json(struct text *page, const struct check *check, int64_t took)
{
	text_add(page, page->length ? ",{\"name\":" : "{\"name\":");
	text_add_json(page, check->name);
	if (check->from) {
		text_add(page, ",\"target\":");
		text_add_json(page, check->from);
	}
	text_print(page, ",\"healthy\":%s,\"answer\":", check->was_well ? "true" : "false");
	text_add_json(page, check->words);
	text_print(page, ",\"duration_ms\":%lld}", (long long)took);
}

static bool
tell(const struct text *said, bool is_healthy, bool as_json, struct arena *arena, struct err *err)
{
	if (!log_answer(as_json ? arena_print(arena, "{\"healthy\":%s,\"checks\":[%s]}\n",
	                                      is_healthy ? "true" : "false", said->at)
	                        : arena_print(arena, "%s: %s\n",
	                                      is_healthy ? "healthy" : "unhealthy", said->at),
	                err))
		return false;
	err->fault = is_healthy ? FAULT_NONE : FAULT_UNHEALTHY;
	return is_healthy;
}

bool
health_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text said = text_new(&arena);
	struct check checks[CHECKS];
	const bool as_json = boot->request->json;
	bool is_healthy = true;

	if (!check_operands(boot, err) || !list_checks(boot, checks, &arena, err))
		return false;
	for (size_t i = 0; i < CHECKS && is_healthy; i++) {
		const int64_t since = clock_now();

		if (!checks[i].ask)
			continue;
		if (!checks[i].ask(&checks[i], err))
			return false;
		(as_json ? add_json : add_words)(&said, &checks[i], clock_now() - since);
		is_healthy = checks[i].was_well;
	}
	return tell(&said, is_healthy, as_json, &arena, err);
}
