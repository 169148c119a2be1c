/* What health reads: the line of the phase file, the words of --http and --tcp, the first line of an answer. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "phase.h"
#include "probe.h"
#include "scoped.h"
#include "summary.h"

static void
a_line_of_the_phase_file_is_read(void **state)
{
	struct phase_record record;

	(void)state;
	assert_true(phase_parse(&record, "migrating 1767225600 3 of 24: 0003_parts.sql\n"));
	assert_string_equal(record.name, "migrating");
	assert_true(record.since == 1767225600);
	assert_string_equal(record.detail, "3 of 24: 0003_parts.sql");
	assert_true(phase_parse(&record, "running 1767225600 \n"));
	assert_string_equal(record.name, "running");
	assert_string_equal(record.detail, "");
}

static void
what_is_none_is_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"\n",
		"running",
		"running\n",
		"running \n",
		"running x \n",
		" 1 \n",
		"running 1\n",
		"a_name_that_is_too_long 1 \n",
		"running 9223372036854775808 \n",
		"running -9223372036854775809 \n",
	};
	struct phase_record record;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (phase_parse(&record, lines[i]))
			fail_msg("taken: %s", lines[i]);
}

static void
what_is_told_is_what_is_read(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	char folder[] = "/tmp/health-test-XXXXXX";
	struct phase_record record;
	struct err err = { 0 };
	struct phase *phase;
	struct stat once, again;
	const char *path;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = arena_print(&arena, "%s/run/phase", folder);
	phase = phase_new(path, &arena);
	assert_false(phase_read(&record, path, &err));
	assert_int_equal(err.fault, FAULT_NO_SOURCE);
	phase_tell(phase, "waiting", "for %s", "the server"); /* makes the folder */
	assert_true(phase_read(&record, path, &err));
	assert_string_equal(record.name, "waiting");
	assert_string_equal(record.detail, "for the server");
	assert_int_equal(stat(path, &once), 0);
	phase_tell(phase, "waiting", "for %s", "the server");
	assert_int_equal(stat(path, &again), 0);
	assert_true(once.st_ino == again.st_ino); /* nothing new, nothing written */
	phase_tell(phase, "running", "%0300d", 7);
	assert_true(phase_read(&record, path, &err));
	assert_string_equal(record.name, "running");
	assert_int_equal(strlen(record.detail), sizeof record.detail - 1);
	phase_tell(NULL, "running", "%s", ""); /* no file is kept */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(arena_print(&arena, "%s/run", folder)), 0); /* nothing lies beside */
	assert_int_equal(rmdir(folder), 0);
}

static void
what_is_told_by_hand_gives_way(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	char folder[] = "/tmp/health-test-XXXXXX";
	struct phase *by_hand, *start;
	struct phase_record record;
	struct err err = { 0 };
	const char *path;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = arena_print(&arena, "%s/phase", folder);
	by_hand = phase_new(path, &arena);
	phase_give_way(by_hand);
	start = phase_new(path, &arena);
	phase_tell(start, "migrating", "%s", "");
	assert_false(phase_is_running(path));
	phase_tell(by_hand, "waiting", "%s", "");
	assert_true(phase_read(&record, path, &err));
	assert_string_equal(record.name, "waiting");
	phase_tell(start, "running", "%s", "");
	assert_true(phase_is_running(path));
	phase_hold(by_hand, "checking", "");
	phase_catch_up(by_hand);
	assert_true(phase_is_running(path));
	phase_tell(by_hand, "done", "%s", "");
	assert_true(phase_is_running(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void
an_address_is_read(void **state)
{
	static const struct {
		const char *text, *host, *port; /* host: NULL: refused */
	} rows[] = {
		{ "db:5432", "db", "5432" }, { ":8000", "localhost", "8000" },
		{ "[::1]:80", "::1", "80" }, { "10.0.0.1:1", "10.0.0.1", "1" },
		{ "db", NULL, NULL },        { "db:", NULL, NULL },
		{ "db:x", NULL, NULL },      { "db:65536", NULL, NULL },
		{ "db:123456", NULL, NULL }, { "[::1:80", NULL, NULL },
		{ "[::1]80", NULL, NULL },   { "", NULL, NULL },
	};
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = { 0 };
		struct probe probe;

		if (!rows[i].host) {
			assert_false(probe_of_address(&probe, rows[i].text, &arena, &err));
			assert_int_equal(err.fault, FAULT_USAGE);
			continue;
		}
		assert_true(probe_of_address(&probe, rows[i].text, &arena, &err));
		assert_string_equal(probe.host, rows[i].host);
		assert_string_equal(probe.port, rows[i].port);
		assert_null(probe.path);
	}
}

static void
a_url_is_read(void **state)
{
	static const struct {
		const char *text, *host, *port, *path, *authority; /* host: NULL: refused */
	} rows[] = {
		{ "http://app", "app", "80", "/", "app" },
		{ "http://app:8000/health?full=1#x", "app", "8000", "/health?full=1", "app:8000" },
		{ "http://[::1]:8000/", "::1", "8000", "/", "[::1]:8000" },
		{ "http://[::1]/a", "::1", "80", "/a", "[::1]" },
		{ "http://:8000?a", "localhost", "8000", "/?a", "localhost:8000" },
		{ "https://app/", NULL, NULL, NULL, NULL },
		{ "app/", NULL, NULL, NULL, NULL },
		{ "http://", NULL, NULL, NULL, NULL },
		{ "http:///health", NULL, NULL, NULL, NULL },
		{ "http://me:secret@app/", NULL, NULL, NULL, NULL },
		{ "http://app/a b", NULL, NULL, NULL, NULL },
		{ "http://app/a\r\nX: y", NULL, NULL, NULL, NULL },
		{ "http://app:port/", NULL, NULL, NULL, NULL },
		{ "http://app:0/", NULL, NULL, NULL, NULL },
		{ "http://app:65536/", NULL, NULL, NULL, NULL },
		{ "http://app:65535/", "app", "65535", "/", "app:65535" },
	};
	SCOPED(arena_drop) struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err err = { 0 };
		struct probe probe;

		if (!rows[i].host) {
			if (probe_of_url(&probe, rows[i].text, &arena, &err))
				fail_msg("taken: %s", rows[i].text);
			assert_int_equal(err.fault, FAULT_USAGE);
			assert_null(strstr(err.what, "secret"));
			continue;
		}
		assert_true(probe_of_url(&probe, rows[i].text, &arena, &err));
		assert_string_equal(probe.host, rows[i].host);
		assert_string_equal(probe.port, rows[i].port);
		assert_string_equal(probe.path, rows[i].path);
		assert_string_equal(probe.authority, rows[i].authority);
	}
}

static void
the_status_of_an_answer(void **state)
{
	(void)state;
	assert_int_equal(probe_status("HTTP/1.1 200 OK\r\n"), 200);
	assert_int_equal(probe_status("HTTP/1.0 503\r\n"), 503);
	assert_int_equal(probe_status("HTTP/1.1 204"), 204);
	assert_int_equal(probe_status("HTTP/2 200"), 0);
	assert_int_equal(probe_status("HTTP/1.1 20"), 0);
	assert_int_equal(probe_status("HTTP/1.1 2000"), 0);
	assert_int_equal(probe_status("HTTP/1.1"), 0);
	assert_int_equal(probe_status("HTTP/1."), 0);
	assert_int_equal(probe_status("SSH-2.0-OpenSSH"), 0);
	assert_int_equal(probe_status(""), 0);
}

/* Times are what they are; the rest of the line is ours. */
static const char *
without_times(const char *line, struct arena *arena)
{
	struct text text = text_new(arena);

	for (; *line; line++)
		if (*line < '0' || *line > '9')
			text_add_char(&text, *line);
	return text.at;
}

static void
a_start_is_summed_up(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct summary *summary = summary_new(&arena);
	struct text line = text_new(&arena), members = text_new(&arena);

	(void)state;
	assert_true(summary_is_empty(summary));
	summary_note(summary, 1, "of no step");
	summary_step(summary, "look"); /* takes no time, and says nothing */
	summary_step(summary, "restore");
	summary_note(summary, -1, "skipped (database not empty)");
	summary_step(summary, "migrate");
	summary_note(summary, 2, "applied");
	summary_step(summary, NULL);
	summary_note(summary, 3, "of no step");
	summary_words(summary, &line);
	assert_non_null(strstr(line.at, " migrate 2 applied "));
	assert_non_null(strstr(line.at, " restore skipped (database not empty) "));
	assert_null(strstr(line.at, "of no step"));
	summary_members(summary, &members);
	assert_string_equal(
		without_times(members.at, &arena),
		"\"duration_ms\":,\"steps\":[{\"step\":\"look\",\"duration_ms\":},"
		"{\"step\":\"restore\",\"what\":\"skipped (database not empty)\","
		"\"duration_ms\":},"
		"{\"step\":\"migrate\",\"count\":,\"what\":\"applied\",\"duration_ms\":}]");
	summary_step(NULL, "look"); /* no boot */
	summary_note(NULL, 1, "of no boot");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_the_phase_file_is_read),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(what_is_told_is_what_is_read),
		cmocka_unit_test(what_is_told_by_hand_gives_way),
		cmocka_unit_test(an_address_is_read),
		cmocka_unit_test(a_url_is_read),
		cmocka_unit_test(the_status_of_an_answer),
		cmocka_unit_test(a_start_is_summed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
