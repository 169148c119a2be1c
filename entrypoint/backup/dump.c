/* See dump.h. */
#include "dump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../attempt.h"
#include "../boot.h"
#include "../child.h"
#include "../clock.h"
#include "../config.h"
#include "../db.h"
#include "../ending.h"
#include "../err.h"
#include "../gzip.h"
#include "../log.h"
#include "../scoped.h"
#include "../signals.h"

#define PIECE ((size_t)65536)
/* More of its words than a failure can hold are not kept. */
#define MOST_WORDS ((size_t)8192)
#define TELL_EVERY 5000
#define GUARD_EVERY 1000

struct pouring {
	struct boot *boot;
	struct gzip *gzip;
	struct ending ending;
	struct text words;  /* what it said */
	int output, errors; /* our ends of its pipes; -1: at their end */
	int64_t tell_at;
};

/* Reads what is there; closes at the end. Length 0 is that end. */
static bool
read_some(int *from, char piece[PIECE], size_t *length, struct err *err)
{
	const ssize_t got = read(*from, piece, PIECE);

	if (got < 0 && errno != EINTR)
		return err_errno(err, FAULT_SYSTEM, "reading from pg_dump");
	*length = got > 0 ? (size_t)got : 0;
	if (got == 0) {
		descriptor_close(from);
		*from = -1;
	}
	return true;
}

static bool
take_output(struct pouring *pouring, struct err *err)
{
	char piece[PIECE];
	size_t length;

	if (!read_some(&pouring->output, piece, &length, err))
		return false;
	ending_add(&pouring->ending, piece, length);
	return gzip_add(pouring->gzip, piece, length, err);
}

static bool
take_words(struct pouring *pouring, struct err *err)
{
	char piece[PIECE];
	size_t length;

	if (!read_some(&pouring->errors, piece, &length, err))
		return false;
	if (pouring->words.length + length <= MOST_WORDS)
		text_add_n(&pouring->words, piece, length);
	return true;
}

static void
tell_progress(struct pouring *pouring)
{
	if (!clock_passed(pouring->tell_at))
		return;
	log_info("backing up: %lld kB of SQL so far", (long long)pouring->ending.total / 1024);
	pouring->tell_at = clock_ahead(TELL_EVERY);
}

/* Until both pipes are at their end, which is the child's. */
static bool
pour(struct pouring *pouring, struct err *err)
{
	int ready;

	while (pouring->output >= 0 || pouring->errors >= 0) {
		struct pollfd polled[] = { { .fd = pouring->output, .events = POLLIN },
			                   { .fd = pouring->errors, .events = POLLIN } };

		if (!signals_poll(polled, 2, clock_ahead(GUARD_EVERY), &ready, err) ||
		    !child_may_go_on(pouring->boot, err))
			return false;
		if ((polled[0].revents && !take_output(pouring, err)) ||
		    (polled[1].revents && !take_words(pouring, err)))
			return false;
		tell_progress(pouring);
	}
	return true;
}

bool
dump_blame(const char *words, int status, bool waited_long, struct err *err)
{
	const size_t first = strcspn(words, "\n");

	if (!first)
		return child_judge("pg_dump", status, err);
	(void)err_set(err, FAULT_WRONG, "%.*s", (int)first, words); /* false below */
	if (words[first] && words[first + 1])
		(void)err_detail(err, "%s", words + first + 1);
	/* Its words are in the server's language, but for the statement. */
	if (waited_long && strstr(words, "LOCK TABLE")) {
		err->fault = FAULT_BUSY;
		(void)err_hint(err, "another session holds a table for itself: lock_retry_for says "
		                    "how long to wait for it");
	}
	return false;
}

/* ms, as long as a migration would wait; 0: without end. */
static int64_t
lock_limit(const struct config *config)
{
	if (config->lock_timeout == 0)
		return 0;
	return config->lock_retry_for > config->lock_timeout ? config->lock_retry_for
	                                                     : config->lock_timeout;
}

/* With output and errors of the child as pipes. */
static bool
start(struct child *child, struct pouring *pouring, struct err *err)
{
	int output[2], errors[2];
	bool has_started;

	if (pipe2(output, O_CLOEXEC) != 0)
		return err_errno(err, FAULT_SYSTEM, "pipe");
	pouring->output = output[0];
	if (pipe2(errors, O_CLOEXEC) != 0) {
		descriptor_close(&output[1]);
		return err_errno(err, FAULT_SYSTEM, "pipe");
	}
	pouring->errors = errors[0];
	(void)fcntl(output[1], F_SETPIPE_SZ, 1 << 20); /* so that both can work; a wish */
	child->output = output[1];
	child->errors = errors[1];
	has_started = child_start(child, pouring->boot, err);
	descriptor_close(&output[1]);
	descriptor_close(&errors[1]);
	return has_started;
}

static void
tell_warnings(char *words)
{
	char *rest;

	for (char *line = strtok_r(words, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		log_warn("%s", line);
}

static bool
watch(struct child *child, struct pouring *pouring, struct err *err)
{
	const int64_t limit = lock_limit(pouring->boot->config), since = clock_now();
	int status;

	if (!start(child, pouring, err))
		return false;
	if (!pour(pouring, err)) {
		child_end(child);
		return false;
	}
	if (!child_await(child, pouring->boot, &status, err))
		return false;
	if (status != 0)
		return dump_blame(pouring->words.at, status, limit && clock_now() - since >= limit,
		                  err);
	tell_warnings(pouring->words.at);
	return ending_is_whole(&pouring->ending) ||
	       err_set(err, FAULT_WRONG, "pg_dump ended well, but its dump does not end as one");
}

/* The database's own, whatever environment, URL or role ask for: in some that only clients have, no restore takes it. */
static bool
choose_encoding(char **word, struct boot *boot, struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(boot->db, ASK(SHAPE_VALUE, "select current_setting('server_encoding')"),
	            &answer, err))
		return false;
	*word = arena_join(arena, "--encoding=", answer_at(&answer, 0, 0), "");
	return true;
}

/* pg_dump locks all tables at once; what it may not read is said in the server's language, and of the first. */
static bool
advise(struct boot *boot, const char *words, struct err *err)
{
	static const char unreadable[] =
		"select count(*), quote_ident(current_user) from pg_class c\n"
		"where c.relkind in ('r', 'p')\n"
		"    and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'\n"
		"    and not exists (select from pg_depend where classid = 'pg_class'::regclass\n"
		"        and objid = c.oid and deptype = 'e')\n"
		"    and not (has_schema_privilege(c.relnamespace, 'usage')\n"
		"        and has_table_privilege(c.oid, 'select'))";
	SCOPED(answer_free) struct answer answer = { 0 };
	struct err unasked = { 0 };
	const char *count, *role;

	if (err->fault != FAULT_WRONG || !strstr(words, "LOCK TABLE") ||
	    !db_ask(boot->db, ASK(SHAPE_ROWS, unreadable), &answer, &unasked))
		return false;
	count = answer_at(&answer, 0, 0);
	role = answer_at(&answer, 0, 1);
	if (strcmp(count, "0") == 0)
		return false;
	return err_hint(err, "%s may not read %s of the tables: grant %s to %s;", role, count,
	                db_server_version(boot->db) < 140000
	                        ? "usage on their schemas and select on them"
	                        : "pg_read_all_data",
	                role);
}

bool
dump_run(struct boot *boot, struct gzip *gzip, struct arena *arena, struct err *err)
{
	char *words[] = { arena_copy(arena, "pg_dump"),
		          arena_copy(arena, "--no-password"),
		          arena_copy(arena, "--format=plain"),
		          arena_print(arena, "--lock-wait-timeout=%lld",
		                      (long long)lock_limit(boot->config)),
		          NULL,
		          NULL };
	struct child child = child_of(words);
	struct pouring pouring = { .boot = boot,
		                   .gzip = gzip,
		                   .words = text_new(arena),
		                   .output = -1,
		                   .errors = -1,
		                   .tell_at = clock_ahead(TELL_EVERY) };
	bool was_dumped;

	/* What pg_dump sets (an empty search_path) would stay in a server session that others get. */
	if (db_is_pooled(boot->db)) {
		(void)err_set(err, FAULT_CONFIG,
		              "the server is reached through a pooler, where a "
		              "backup cannot be taken"); /* false below */
		return err_hint(err, "set admin_url to reach the server directly");
	}
	child.file = "/proc/self/exe";
	was_dumped = choose_encoding(&words[4], boot, arena, err) &&
	             session_may_idle(boot->db, err) && watch(&child, &pouring, err);
	descriptor_close(&pouring.output);
	descriptor_close(&pouring.errors);
	return was_dumped || advise(boot, pouring.words.at, err);
}
