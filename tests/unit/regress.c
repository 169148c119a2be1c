/*
 * The splitter over PostgreSQL's own regression tests: called with files, it prints how each is split, for
 * tests/e2e/21_regress.bats, which holds that against psql. Transaction control, of which those files are full, is let
 * through here: whether it is refused is another matter than where statements end. Without files, a test of itself.
 *
 *	FILE <name> | STATEMENT <length> <text> | REFUSED <words>, one a line, the text behind its line
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"
#include "script.h"
#include "script/transaction.h"

static bool
let_through(struct transaction *transaction, int deed_kind, const struct batch *batch,
            struct err *err)
{
	(void)transaction, (void)deed_kind, (void)batch, (void)err; /* whatever it is */
	return true;
}

/* script_split as it is, but for that. */
bool regress_split(struct batch *batch, const struct script *script, script_variable *variable,
                   struct arena *arena, struct err *err);
#define script_split regress_split
#define transaction_note let_through
#include "../../entrypoint/script/split.c"
#undef script_split

static bool
no_variable(const char *name, bool may_be_missing, const char **value, struct arena *arena,
            struct err *err)
{
	(void)name, (void)may_be_missing, (void)arena, (void)err; /* nobody declares one */
	*value = NULL;
	return true;
}

static bool
split_path(struct batch *batch, const char *path, struct arena *arena, struct err *err)
{
	struct script *read = arena_alloc(arena, sizeof *read);
	struct source source;

	return source_read(&source, AT_FDCWD, path, path, arena, err) &&
	       script_read(read, &source, path, arena, err) &&
	       regress_split(batch, read, no_variable, arena, err);
}

static void
print_file(const char *path)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct err err = { 0 };
	struct batch batch = { 0 };

	printf("FILE %s\n", path);
	if (!split_path(&batch, path, &arena, &err)) {
		printf("REFUSED %s\n", err.what);
		return;
	}
	for (size_t i = 0; i < batch.count; i++)
		printf("STATEMENT %zu\n%s\n", strlen(batch.statements[i].sql),
		       batch.statements[i].sql);
}

static void
lets_transaction_control_through(void **state)
{
	static const char text[] = "begin; select ';'; commit; rollback";
	const struct source source = { .path = "a.sql", .text = text, .length = strlen(text) };
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct script read = { 0 };
	struct batch batch = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(script_read(&read, &source, "a.sql", &arena, &err));
	assert_true(regress_split(&batch, &read, no_variable, &arena, &err));
	assert_int_equal(batch.count, 4);
	assert_string_equal(batch.statements[1].sql, "select ';'");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lets_transaction_control_through) };

	for (int i = 1; i < argc; i++)
		print_file(argv[i]);
	return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}
