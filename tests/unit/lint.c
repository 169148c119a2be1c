/* What the lint leaves alone, and what it takes into account: earlier files, the version, marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lint.h"
#include "lint/type.h"
#include "made.h"

#include "linting.h"

static void
assert_found(const char *text, int server_version, const char *expected)
{
	const char *found = found_in(text, server_version);

	if (strcmp(found, expected) != 0)
		fail_msg("%s\n  found \"%s\", not \"%s\"", text, found, expected);
}

/* Nothing at all is found, whatever looks like it. */
static void
ordinary_files_are_left_alone(void **state)
{
	static const char *const texts[] = {
		"",
		"-- drop table t;\n/* truncate t; */ select 'drop table t', $$alter table t drop c$$, "
		"$x$ drop table t; $x$, \"drop table t\" from \"update\"",
		"do $$begin execute 'drop table t'; end$$",
		"create function f() returns void language sql begin atomic select 1; end",
		"insert into t (a, b) values (1, 'where'), (2, E'\\'; drop table t; --')",
		"update t set a = 1 where b = 2; delete from t where a = 1",
		"update t set a = 1",
		"create or replace view v as select 1; drop view w; grant select on t to r",
		"comment on table t is 'drop table t'; analyze t; vacuum t",
		"create table t (id int generated always as identity primary key, a text not null "
		"default random()::text unique check (a <> ''), u int references u, "
		"unique (a, u), constraint f foreign key (u) references v, exclude using gist (a with =));"
		"create index on t (a); alter table t add b uuid default gen_random_uuid() not null, "
		"alter a type varchar(3), drop u; create trigger x after insert on t execute function f();"
		"alter table only public.t add constraint p primary key (id);"
		"update t set a = 1; truncate t; cluster t using i; lock t; drop table t",
		"create table p partition of q for values in (1); create index on p (a)",
		"alter table t add column if not exists c numeric(10, 2) default 0.0 not null, "
		"add d jsonb default '{}'::jsonb, add e text[] default array['a', 'b']::text[], "
		"alter column c set default 1, alter column d drop default, owner to r",
		"alter type e add value 'x'",
		"set standard_conforming_strings = off; select '\\'; drop table t; --'; select 1",
		"lock table t in access share mode; select * from t for update",
		"alter table t validate constraint c",
		"set statement_timeout = 0; create table t (a int)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_found(texts[i], PG18, "");
}

static void
old_types_are_known_from_what_was_read_before(void **state)
{
	static const char *const made =
		"create table t (a varchar(10), b int, constraint c check (true), "
		"d numeric(4,2) not null default 0)";
	static const char *const rows[][2] = {
		{ "alter table t alter a type varchar(20)", "" },
		{ "alter table t alter a type text using a::text", "" },
		{ "alter table public.t alter a type varchar(20)", "" },
		{ "alter table t alter a type text using ((a::text))", "" },
		{ "alter table t alter a type text using (a)", "" },
		{ "alter table t alter a type text using (a) || (a)", "type-change" },
		{ "alter table t alter a type varchar(5)", "type-change" },
		{ "alter table t alter b type bigint", "type-change" },
		{ "alter table t alter a type text using lower(a)", "type-change" },
		{ "alter table t alter d type numeric(6,2)", "" },
		{ "alter table t alter d type numeric(6,3)", "type-change" },
		{ "alter table t alter d type numeric(6,2), alter d type numeric(5,2)",
		  "type-change" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lint *lint = lint_new(PG13, &arena);
		struct script first = script_made(made), second = script_made(rows[i][0]);
		struct findings findings;

		assert_true(lint_read(lint, &first, LINT_APPLIED, &err));
		assert_true(lint_read(lint, &second, LINT_PENDING, &err));
		findings = lint_judge(lint);
		if (findings.count != (*rows[i][1] != '\0'))
			fail_msg("%s: %zu", rows[i][0], findings.count);
	}
}

static size_t
found_in_two(const char *first_text, enum lint_use first_use, const char *second_text,
             enum lint_use second_use)
{
	struct lint *lint = lint_new(PG13, &arena);
	struct script first = script_made(first_text), second = script_made(second_text);

	assert_true(lint_read(lint, &first, first_use, &err));
	assert_true(lint_read(lint, &second, second_use, &err));
	return lint_judge(lint).count;
}

static void
what_the_same_set_made_is_not_in_use(void **state)
{
	static const char *const made = "create table t (a int)";
	static const char *const used = "create index on t (a)";

	(void)state;
	assert_int_equal(found_in_two(made, LINT_PENDING, used, LINT_PENDING), 0);
	assert_int_equal(found_in_two(made, LINT_ALONE, used, LINT_ALONE), 1);
	assert_int_equal(found_in_two(made, LINT_APPLIED, used, LINT_PENDING), 1);
	assert_int_equal(found_in_two(used, LINT_APPLIED, made, LINT_PENDING), 0);
	/* What was proven before counts in all sets. */
	assert_int_equal(found_in_two("alter table t add constraint c check (a is not null)",
	                              LINT_APPLIED, "alter table t alter a set not null",
	                              LINT_PENDING),
	                 0);
	/* A new value may be used in the next file, and locks end with theirs. */
	assert_int_equal(found_in_two("alter type e add value 'x'", LINT_PENDING,
	                              "insert into t values ('x')", LINT_PENDING),
	                 0);
	assert_int_equal(found_in_two("alter table t add c int", LINT_PENDING,
	                              "alter table u add c int", LINT_PENDING),
	                 0);
}

static void
the_version_counts(void **state)
{
	struct lint *lint;
	struct script script = script_made("alter table t alter c set not null");

	(void)state;
	assert_found("alter table p detach partition t", PG13, "");
	assert_found("alter table p detach partition t", 140000, "detach-not-concurrently:1:15");
	for (int version = PG13; version <= PG18; version += PG18 - PG13) {
		struct findings findings;

		lint = lint_new(version, &arena);
		assert_true(lint_read(lint, &script, LINT_ALONE, &err));
		findings = lint_judge(lint);
		assert_int_equal(findings.count, 1);
		assert_non_null(strstr(findings.at[0].hint,
		                       version == PG18 ? "not null c not valid"
		                                       : "check (c is not null) not valid"));
	}
}

static void
marks_silence_one_rule(void **state)
{
	(void)state;
	assert_found(
		"select 1;\n-- pg-entrypoint: allow drop-table it was never used\ndrop table t;\n"
		"drop table u",
		PG13, "drop-table:4:12");
	assert_found("-- pg-entrypoint: allow drop-table nothing uses these\ndrop table t;\n"
	             "drop table u; truncate v",
	             PG13, "truncate:3:24");
	assert_found("select 1;\n-- pg-entrypoint: allow truncate wrong rule\ndrop table t", PG13,
	             "drop-table:3:12");
	assert_found("select 1;\n-- pg-entrypoint: allow drop-column a\n"
	             "-- pg-entrypoint: allow rename-column b\n"
	             "alter table t drop a, rename b to c, rename to d",
	             PG13, "rename-table:4:38");
	assert_found("-- pg-entrypoint: allow lock-timeout-off a window\n"
	             "set lock_timeout = 0; alter table t add c int",
	             PG13, "");
}

static void
unknown_rules_are_refused(void **state)
{
	static const char *const rows[][3] = {
		{ "-- pg-entrypoint: allow drop-tabel x y\nselect 1",
		  "dir/a.sql:1:25: no rule is called drop-tabel", "did you mean drop-table?" },
		{ "select 1;\n  -- pg-entrypoint: allow index-concurrently z\nselect 2",
		  "dir/a.sql:2:27: no rule is called index-concurrently",
		  "did you mean index-not-concurrently?" },
		{ "-- pg-entrypoint: allow xyz x y\nselect 1",
		  "dir/a.sql:1:25: no rule is called xyz", "`pg-entrypoint migrate lint --list`" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lint *lint = lint_new(PG13, &arena);
		struct script script = script_made(rows[i][0]);

		assert_false(lint_read(lint, &script, LINT_PENDING, &err));
		assert_int_equal(err.fault, FAULT_WRONG);
		assert_string_equal(err.what, rows[i][1]);
		assert_memory_equal(err.hint, rows[i][2], strlen(rows[i][2]));
	}
}

/* tests/e2e/18_lint.bats holds this against what a server does. */
static void
types_that_need_no_rewriting(void **state)
{
	static const struct {
		const char *from, *to;
		bool is_free;
	} rows[] = {
		{ "integer", "integer", true },
		{ "character varying(10)", "varchar(10)", true },
		{ "character varying(10)", "varchar(11)", true },
		{ "character varying(10)", "varchar(9)", false },
		{ "character varying(10)", "varchar", true },
		{ "character varying", "varchar(10)", false },
		{ "character varying(10)", "text", true },
		{ "text", "character varying", true },
		{ "text", "varchar(10)", false },
		{ "varchar(10)[]", "varchar(20)[]", false },
		{ "numeric(10,2)", "decimal(12,2)", true },
		{ "numeric(10,2)", "numeric(12,3)", false },
		{ "numeric(10,2)", "numeric", true },
		{ "numeric(10)", "numeric(12,0)", true },
		{ "numeric", "numeric(12)", false },
		{ "integer", "bigint", false },
		{ "int4", "integer", true },
		{ "character(3)", "char(5)", false },
		{ "character(3)", "text", false },
		{ "timestamp(3) without time zone", "timestamp(6)", true },
		{ "timestamp(3) with time zone", "timestamptz", true },
		{ "timestamp with time zone", "timestamptz(3)", false },
		{ "timestamp without time zone", "timestamptz", false },
		{ "time(2) with time zone", "timetz", true },
		{ "bit varying(3)", "varbit(5)", true },
		{ "bit(3)", "bit(5)", false },
		{ "cidr", "inet", true },
		{ "inet", "cidr", false },
		{ "mood", "text", false },
		{ "my.mood", "my.mood", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (type_change_is_free(rows[i].from, rows[i].to) != rows[i].is_free)
			fail_msg("%s to %s", rows[i].from, rows[i].to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(ordinary_files_are_left_alone, drop_arena),
		cmocka_unit_test_teardown(old_types_are_known_from_what_was_read_before,
		                          drop_arena),
		cmocka_unit_test_teardown(what_the_same_set_made_is_not_in_use, drop_arena),
		cmocka_unit_test_teardown(the_version_counts, drop_arena),
		cmocka_unit_test_teardown(marks_silence_one_rule, drop_arena),
		cmocka_unit_test_teardown(unknown_rules_are_refused, drop_arena),
		cmocka_unit_test_teardown(types_that_need_no_rewriting, drop_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
