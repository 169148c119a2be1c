/* See ledger.h. */
#include "ledger.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "names.h"
#include "scoped.h"
#include "sort.h"

/* What a session prepares for many files (ledger_prepare_sql). */
#define PREPARED_BEGIN LEDGER_PREPARED "begin"
#define PREPARED_FINISH LEDGER_PREPARED "finish"
#define PREPARED_CLOSE LEDGER_PREPARED "close"

/* Behind the update of a row: only where this transaction has made it. */
#define OWN " and xmin = pg_current_xact_id()::xid"

size_t
version_digits(const char *version)
{
	size_t count = 0;

	while (version[count] >= '0' && version[count] <= '9')
		count++;
	return count;
}

static int
number_at(const char *digits, size_t count)
{
	int number = 0;

	for (size_t i = 0; i < count; i++)
		number = 10 * number + digits[i] - '0';
	return number;
}

bool
version_is_date(const char *version)
{
	int month, day;

	if (version_digits(version) != 8 || *version == '0')
		return false;
	month = number_at(version + 4, 2);
	day = number_at(version + 6, 2);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool
version_is_repeatable(const char *version)
{
	return strncmp(version, "R__", 3) == 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Of the digits that both stand on; steps behind them. In one pass: a start compares thousands. */
static int
number_compare(const char **one, const char **other)
{
	const char *left = *one, *right = *other;
	int order = 0;

	while (*left == '0')
		left++;
	while (*right == '0')
		right++;
	for (; is_digit(*left) && is_digit(*right); left++, right++)
		if (order == 0)
			order = *left - *right;
	/* The longer one is higher. */
	if (is_digit(*left) != is_digit(*right))
		order = is_digit(*left) ? 1 : -1;
	while (is_digit(*left))
		left++;
	while (is_digit(*right))
		right++;
	*one = left;
	*other = right;
	return order;
}

static bool
is_part(const char *rest)
{
	return *rest == '.' && version_digits(rest + 1);
}

int
version_compare(const char *one, const char *other)
{
	int order;

	/* Without digits in front (repeatables) after all that have some. */
	if (!isdigit((unsigned char)*one) != !isdigit((unsigned char)*other) &&
	    (isalpha((unsigned char)*one) || isalpha((unsigned char)*other)))
		return isalpha((unsigned char)*one) ? 1 : -1;
	order = number_compare(&one, &other);
	/* 1.10 is above 1.9, and 1 is 1.0. */
	while (order == 0 && (is_part(one) || is_part(other)) && (is_part(one) || !*one) &&
	       (is_part(other) || !*other)) {
		one += is_part(one);
		other += is_part(other);
		order = number_compare(&one, &other);
	}
	return order ? order : strcmp(one, other);
}

static int
by_version(const void *one, const void *other)
{
	return version_compare(((const struct entry *)one)->version,
	                       ((const struct entry *)other)->version);
}

static const char *
table(const struct config *config, const char *name, struct arena *arena)
{
	return arena_print(arena, "%s.%s", name_quoted(config->schema, arena), name);
}

/*
 * At nearly every start the ledger is all that is asked, in a session whose caches are empty: COPY needs no
 * planner, so its answer comes in a fraction of the time.
 */
struct question
ledger_question(const struct config *config, bool with_times, struct arena *arena)
{
	static const char sql[] =
		"copy %s (version, name, checksum, finished_at, statements, relation%s) to stdout";

	return (struct question){ .sql = arena_print(arena, sql, table(config, "migration", arena),
		                                     with_times ? ", started_at" : ""),
		                  .shape = SHAPE_ROWS };
}

struct question
journal_question(const struct config *config, struct arena *arena)
{
	static const char sql[] = "copy %s (kind, finished_at) to stdout";

	return (struct question){ .sql = arena_print(arena, sql, table(config, "journal", arena)),
		                  .shape = SHAPE_ROWS };
}

bool
journal_is_finished(const struct answer *answer, const char *kind)
{
	for (int row = 0; row < answer->rows; row++)
		if (strcmp(answer_at(answer, row, 0), kind) == 0)
			return answer_at(answer, row, 1) != NULL;
	return false;
}

bool
ledger_relation_exists(const char *noted)
{
	/* regclassout: a name (in quotes if it is like a number) while it exists, then digits; "-" is 0. */
	return noted && strcmp(noted, "-") != 0 && noted[strspn(noted, "0123456789")] != '\0';
}

/* Points into the answer. */
static struct entry
entry_at(const struct answer *answer, int row)
{
	return (struct entry){
		.version = answer_at(answer, row, 0),
		.name = answer_at(answer, row, 1),
		.checksum = answer_at(answer, row, 2),
		.is_finished = answer_at(answer, row, 3) != NULL,
		.statements = strtoul(answer_at(answer, row, 4), NULL, 10),
		.started_at = answer->columns > 6 ? answer_at(answer, row, 6) : "",
	};
}

/* A row that stands for no migration: it has a name that no version has. */
static bool
take_note(struct ledger *ledger, const struct answer *answer, int row)
{
	const char *version = answer_at(answer, row, 0);

	if (strcmp(version, LEDGER_FORMAT) == 0)
		ledger->format = answer_at(answer, row, 1);
	else if (strcmp(version, LEDGER_BASELINE) == 0)
		ledger->baseline = answer_at(answer, row, 1);
	else if (strcmp(version, LEDGER_PARTIAL) == 0)
		ledger->partial = answer_at(answer, row, 1);
	else if (strcmp(version, LEDGER_RESTORED) == 0)
		ledger->restored = answer_at(answer, row, 1);
	else if (strcmp(version, LEDGER_REDO) == 0)
		ledger->redo = answer_at(answer, row, 1);
	else if (strcmp(version, LEDGER_CHANGING) == 0)
		ledger->is_changing = true;
	else if (strcmp(version, LEDGER_OWED) == 0)
		ledger->owes_after = true;
	else if (strcmp(version, LEDGER_NEW) == 0)
		ledger->is_new = true;
	return *version == '@';
}

void
ledger_take(struct ledger *ledger, const struct answer *answer, struct arena *arena)
{
	*ledger = (struct ledger){ 0 };
	ledger->entries = arena_alloc(arena, (size_t)answer->rows * sizeof *ledger->entries);
	for (int row = 0; row < answer->rows; row++) {
		const char *noted = answer_at(answer, row, 5);

		ledger->had_relations |= noted != NULL;
		ledger->relation_is_there |= ledger_relation_exists(noted);
		if (!take_note(ledger, answer, row))
			ledger->entries[ledger->count++] = entry_at(answer, row);
	}
	pg_qsort(ledger->entries, ledger->count, sizeof *ledger->entries, by_version);
}

static const char *
host_name(struct arena *arena)
{
	char name[256] = "";

	(void)gethostname(name, sizeof name - 1); /* empty, then */
	return arena_copy(arena, name);
}

/* The values are expressions of SQL. */
static const char *
insert_sql(struct db *db, const struct config *config, const char *version, const char *name,
           const char *checksum, const char *again, struct arena *arena)
{
	static const char sql[] =
		"insert into %s (version, name, checksum, started_at, statements, tool_version, image,\n"
		"    host, role)\n"
		"values (%s, %s, %s, clock_timestamp(), 0, %s, %s, %s, current_user)%s";

	return arena_print(arena, sql, table(config, "migration", arena), version, name, checksum,
	                   db_literal(db, TOOL_VERSION, arena),
	                   config->image ? db_literal(db, config->image, arena) : "null",
	                   db_literal(db, host_name(arena), arena), again);
}

const char *
ledger_begin_sql(struct db *db, const struct config *config, const char *version, const char *name,
                 const char *checksum, bool is_prepared, struct arena *arena)
{
	/* A repeatable runs again: its row starts over. */
	static const char again[] =
		"\non conflict (version) do update\n"
		"set checksum = excluded.checksum, started_at = excluded.started_at, finished_at = null,\n"
		"    statements = 0, tool_version = excluded.tool_version, image = excluded.image,\n"
		"    host = excluded.host, role = excluded.role";
	const char *row = db_literal(db, version, arena), *called = db_literal(db, name, arena);
	const char *sum = db_literal(db, checksum, arena);

	if (version_is_repeatable(version))
		return insert_sql(db, config, row, called, sum, again, arena);
	if (is_prepared)
		return arena_print(arena, "execute " PREPARED_BEGIN " (%s, %s, %s)", row, called,
		                   sum);
	return insert_sql(db, config, row, called, sum, "", arena);
}

static const char *
update_sql(const struct config *config, const char *version, const char *statements,
           bool is_finished, struct arena *arena)
{
	return arena_print(
		arena, "update %s set statements = %s%s where version = %s",
		table(config, "migration", arena), statements,
		is_finished
			? ", finished_at = clock_timestamp(), duration = clock_timestamp() - started_at"
			: "",
		version);
}

const char *
ledger_finish_sql(struct db *db, const struct config *config, const char *version,
                  size_t statements, bool is_finished, struct arena *arena)
{
	return update_sql(config, db_literal(db, version, arena),
	                  arena_print(arena, "%zu", statements), is_finished, arena);
}

const char *
ledger_close_sql(struct db *db, const struct config *config, const char *version, size_t statements,
                 bool is_shared, bool is_prepared, struct arena *arena)
{
	if (is_prepared)
		return arena_print(arena, "execute %s (%s, %zu)",
		                   is_shared ? PREPARED_FINISH : PREPARED_CLOSE,
		                   db_literal(db, version, arena), statements);
	return arena_join(arena, ledger_finish_sql(db, config, version, statements, true, arena),
	                  is_shared ? "" : OWN, "");
}

const char *
ledger_prepare_sql(struct db *db, const struct config *config, struct arena *arena)
{
	const char *finish = update_sql(config, "$1", "$2", true, arena);

	return arena_print(arena,
	                   "prepare " PREPARED_BEGIN " (text, text, text) as %s;\n"
	                   "prepare " PREPARED_FINISH " (text, integer) as %s;\n"
	                   "prepare " PREPARED_CLOSE " (text, integer) as %s" OWN,
	                   insert_sql(db, config, "$1", "$2", "$3", "", arena), finish, finish);
}

const char *
ledger_fence_sql(struct db *db, const struct config *config, const char *version, size_t statements,
                 struct arena *arena)
{
	/* Division by zero is the one way to fail without a function of our own. */
	return arena_print(
		arena,
		"with fenced as (\n"
		"    select statements from %s where version = %s and finished_at is null\n"
		"    for update)\n"
		"select 1 / count(*) from fenced where statements = %zu",
		table(config, "migration", arena), db_literal(db, version, arena), statements);
}

bool
ledger_accept(struct db *db, const struct config *config, const char *version, const char *checksum,
              struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(answer_free) struct answer answer = { 0 };
	const char *sql = arena_print(&arena, "update %s set checksum = $2 where version = $1",
	                              table(config, "migration", &arena));

	return db_ask(db, ASK(SHAPE_NOTHING, sql, version, checksum), &answer, err);
}

const char *
journal_sql(struct db *db, const struct config *config, const char *kind, const char *item,
            size_t statements, bool is_finished, struct arena *arena)
{
	static const char sql[] =
		"insert into %s as journal\n"
		"values (%s, %s, %zu, clock_timestamp(), %s, %s, %s, current_user)\n"
		"on conflict (kind) do update\n"
		"set item = excluded.item, statements = excluded.statements,\n"
		"    finished_at = excluded.finished_at";

	return arena_print(arena, sql, table(config, "journal", arena), db_literal(db, kind, arena),
	                   db_literal(db, item, arena), statements,
	                   is_finished ? "clock_timestamp()" : "null",
	                   db_literal(db, TOOL_VERSION, arena),
	                   db_literal(db, host_name(arena), arena));
}

const char *
journal_forget_sql(struct db *db, const struct config *config, const char *kind,
                   struct arena *arena)
{
	return arena_print(arena, "delete from %s where kind = %s", table(config, "journal", arena),
	                   db_literal(db, kind, arena));
}

const char *
ledger_writable_sql(const struct config *config, struct arena *arena)
{
	/* A standby, a session that only reads and a role without the right to update: each refuses it. */
	return arena_print(
		arena,
		"begin;\n"
		"set local lock_timeout = 2000; set local idle_in_transaction_session_timeout = 0;\n"
		"select from %s where version = '" LEDGER_CHANGING "' for update skip locked",
		table(config, "migration", arena));
}

const char *
ledger_relation_sql(struct db *db, const struct config *config, const char *relation,
                    struct arena *arena)
{
	static const char sql[] =
		"delete from %1$s where version = '" LEDGER_CHANGING "';\n"
		"with newest as (select version from %1$s order by finished_at desc limit 1)\n"
		"update %1$s as ledger set relation = case when newest.version = ledger.version then %2$s::regclass end\n"
		"from newest where newest.version = ledger.version or relation is not null";

	return arena_print(arena, sql, table(config, "migration", arena),
	                   relation ? db_literal(db, relation, arena) : "null");
}

bool
journal_read(struct db *db, const struct config *config, const char *kind, const char **item,
             size_t *statements, struct arena *arena, struct err *err)
{
	const char *sql = arena_print(arena,
	                              "select item, statements from %s\n"
	                              "where kind = $1 and finished_at is null",
	                              table(config, "journal", arena));
	SCOPED(answer_free) struct answer answer = { 0 };

	if (!db_ask(db, ASK(SHAPE_ROWS, sql, kind), &answer, err))
		return false;
	*item = answer.rows ? arena_copy(arena, answer_at(&answer, 0, 0)) : NULL;
	*statements = answer.rows ? strtoul(answer_at(&answer, 0, 1), NULL, 10) : 0;
	return true;
}
