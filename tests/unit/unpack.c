/* Which members of an archive may be unpacked, and what unpacking makes of those that may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "scoped.h"
#include "stream.h"

#include "stream/members.h"
#include "unpack.h"

static bool
is_wanted(const char *name)
{
	return strcmp(name, "unwanted") != 0;
}

static const struct unpacking all = { .below = "" };
static const struct unpacking part = { .below = "var/data", .takes = is_wanted };

struct judged {
	enum member_kind kind;
	const char *name, *target;
	const struct unpacking *unpacking;
	bool may;
	const char *place, *to; /* NULL: left out; no target */
};

static const struct judged table[] = {
	/* names */
	{ MEMBER_FILE, "a/b", NULL, &all, true, "a/b", NULL },
	{ MEMBER_FILE, "./a//b/.", NULL, &all, true, "a/b", NULL },
	{ MEMBER_FILE, "..a/b..", NULL, &all, true, "..a/b..", NULL },
	{ MEMBER_FILE, "/a", NULL, &all, false, NULL, NULL },
	{ MEMBER_FILE, "..", NULL, &all, false, NULL, NULL },
	{ MEMBER_FILE, "a/../b", NULL, &all, false, NULL, NULL },
	{ MEMBER_FILE, "a/..", NULL, &all, false, NULL, NULL },
	{ MEMBER_FILE, "", NULL, &all, false, NULL, NULL },
	{ MEMBER_FILE, "./", NULL, &all, false, NULL, NULL },
	{ MEMBER_FOLDER, "./", NULL, &all, true, "", NULL },
	{ MEMBER_FOLDER, "a/", NULL, &all, true, "a", NULL },
	{ MEMBER_OTHER, "a", NULL, &all, false, NULL, NULL },
	/* what lies below a folder of it */
	{ MEMBER_FILE, "./var/data/a", NULL, &part, true, "a", NULL },
	{ MEMBER_FOLDER, "var/data/", NULL, &part, true, "", NULL },
	{ MEMBER_FOLDER, "var/", NULL, &part, true, NULL, NULL },
	{ MEMBER_FILE, "var/database", NULL, &part, true, NULL, NULL },
	{ MEMBER_FILE, "var/data/unwanted", NULL, &part, true, NULL, NULL },
	{ MEMBER_OTHER, "var/socket", NULL, &part, true, NULL, NULL },
	{ MEMBER_FILE, "../x", NULL, &part, false, NULL, NULL },
	/* symbolic links */
	{ MEMBER_LINK, "l", "a", &all, true, "l", "a" },
	{ MEMBER_LINK, "d/l", "../a/b", &all, true, "d/l", "../a/b" },
	{ MEMBER_LINK, "d/l", ".././a", &all, true, "d/l", ".././a" },
	{ MEMBER_LINK, "d/e/l", "../..", &all, true, "d/e/l", "../.." },
	{ MEMBER_LINK, "l", "..", &all, false, NULL, NULL },
	{ MEMBER_LINK, "d/l", "../../a", &all, false, NULL, NULL },
	{ MEMBER_LINK, "l", "/etc/passwd", &all, false, NULL, NULL },
	{ MEMBER_LINK, "l", "", &all, false, NULL, NULL },
	{ MEMBER_LINK, "", "a", &all, false, NULL, NULL },
	{ MEMBER_LINK, "d/e/l", "l2/..", &all, false, NULL, NULL },
	{ MEMBER_LINK, "d/e/l", "./a/../..", &all, false, NULL, NULL },
	{ MEMBER_LINK, "var/data/l", "../other", &part, false, NULL, NULL },
	/* hard links: their target is a name of the archive */
	{ MEMBER_SAME, "d/l", "./a", &all, true, "d/l", "a" },
	{ MEMBER_SAME, "var/data/l", "var/data/d/a", &part, true, "l", "d/a" },
	{ MEMBER_SAME, "var/data/l", "var/a", &part, false, NULL, NULL },
	{ MEMBER_SAME, "var/data/l", "var/data/unwanted", &part, false, NULL, NULL },
	{ MEMBER_SAME, "l", "../a", &all, false, NULL, NULL },
	{ MEMBER_SAME, "l", "/etc/shadow", &all, false, NULL, NULL },
	{ MEMBER_SAME, "l", "./", &all, false, NULL, NULL },
	{ MEMBER_SAME, "l", NULL, &all, false, NULL, NULL },
};

static void
same(const char *got, const char *wanted)
{
	if (wanted)
		assert_string_equal(got ? got : "NULL", wanted);
	else
		assert_null(got);
}

static void
what_may_be_unpacked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		SCOPED(arena_drop) struct arena arena = { 0 };
		const struct judged *row = &table[i];
		const struct member member = { .name = row->name,
			                       .target = row->target,
			                       .kind = row->kind };
		struct err err = { 0 };
		struct placed placed;
		const bool may =
			unpack_judge(&placed, &member, row->unpacking, "archive", &arena, &err);

		if (may != row->may)
			fail_msg("row %zu: %s -> %s", i, row->name, row->target);
		if (!may) {
			assert_int_equal(err.fault, FAULT_WRONG);
			continue;
		}
		same(placed.name, row->place);
		assert_int_equal(placed.is_beside, !row->place && !strstr(row->name, "unwanted"));
		same(placed.target, row->to);
	}
}

int
main(void)
{
	const struct CMUnitTest all_tests[] = {
		cmocka_unit_test(what_may_be_unpacked),
	};

	return cmocka_run_group_tests_name("unpack", all_tests, NULL, NULL);
}
