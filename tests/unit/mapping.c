/* Exit codes and signals that become others: what is read, what is refused, and that what is written is read again. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "mapping.h"
#include "scoped.h"
#include "signals/name.h"

static void
codes_are_read(void **state)
{
	struct mapping mapping;

	(void)state;
	assert_null(mapping_read_codes(&mapping, ""));
	for (int i = 0; i < 256; i++)
		assert_int_equal(mapping.to[i], i);
	assert_null(mapping_read_codes(&mapping, " 143:0, 3:255\n0:1 "));
	assert_int_equal(mapping.to[143], 0);
	assert_int_equal(mapping.to[3], 255);
	assert_int_equal(mapping.to[0], 1);
	assert_int_equal(mapping.to[4], 4);
}

static void
what_is_no_code_is_refused(void **state)
{
	static const char *const wrong[] = { "143",  "143=0", ":0",     "143:",   "256:0", "0:256",
		                             "-1:0", "+1:0",  "1:2:3",  "TERM:0", "1 :0",  "1: 0",
		                             ":",    "x",     "0143:0", "99999:0" };
	struct mapping mapping;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_string_equal(mapping_read_codes(&mapping, wrong[i]),
		                    "is no list of exit codes such as 143:0");
}

static void
a_code_that_can_never_come_from_us_is_refused(void **state)
{
	static const char *const wrong[] = { "137:0", "147:0", "145:0", "3:0,137:0" };
	struct mapping mapping;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_non_null(strstr(mapping_read_codes(&mapping, wrong[i]), "never"));
	assert_null(mapping_read_codes(&mapping, "137:137"));
}

static void
signals_are_read_by_name_and_number(void **state)
{
	struct mapping mapping;

	(void)state;
	assert_null(mapping_read_signals(&mapping, "TERM:QUIT,sigint:15 1:0 64:SIGKILL"));
	assert_int_equal(mapping.to[SIGTERM], SIGQUIT);
	assert_int_equal(mapping.to[SIGINT], SIGTERM);
	assert_int_equal(mapping.to[SIGHUP], 0);
	assert_int_equal(mapping.to[64], SIGKILL);
	assert_int_equal(mapping.to[SIGUSR1], SIGUSR1);
}

static void
what_cannot_be_passed_on_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "TREM:QUIT", "is no list of signals" }, { "65:1", "is no list of signals" },
		{ "SIG:1", "is no list of signals" },     { "TERM", "is no list of signals" },
		{ "SIGSIGTERM:1", "is no list" },         { "001:1", "is no list of signals" },
		{ "0:15", "which is no signal" },         { "KILL:TERM", "cannot be passed on" },
		{ "19:15", "cannot be passed on" },       { "SIGCHLD:0", "cannot be passed on" },
	};
	struct mapping mapping;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_non_null(strstr(mapping_read_signals(&mapping, rows[i].text), rows[i].why));
}

static void
what_is_written_is_read_again(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text text = text_new(&arena);
	struct mapping mapping, again;

	(void)state;
	mapping_clear(&mapping);
	mapping_write(&mapping, &text);
	assert_string_equal(text.at, "");
	assert_null(mapping_read_signals(&mapping, "TERM:QUIT,HUP:0"));
	mapping_write(&mapping, &text);
	assert_string_equal(text.at, "1:0,15:3");
	assert_null(mapping_read_signals(&again, text.at));
	assert_memory_equal(&mapping, &again, sizeof mapping);
}

static void
signals_have_their_names(void **state)
{
	(void)state;
	for (int i = 1; i <= 31; i++) {
		const char *name = signal_name(i);

		assert_int_equal(signal_number(name, strlen(name)), i);
		assert_int_equal(signal_number(name + 3, strlen(name) - 3), i);
	}
	assert_string_equal(signal_name(SIGTERM), "SIGTERM");
	assert_string_equal(signal_name(SIGSYS), "SIGSYS");
	assert_string_equal(signal_name(SIGSTKFLT), "SIGSTKFLT");
	assert_null(signal_name(0));
	assert_null(signal_name(32));
	assert_int_equal(signal_number("37", 2), 37);
	assert_int_equal(signal_number("TERMINAL", 4), SIGTERM);
	assert_int_equal(signal_number("", 0), -1);
	assert_int_equal(signal_number("SIG", 3), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_read),
		cmocka_unit_test(what_is_no_code_is_refused),
		cmocka_unit_test(a_code_that_can_never_come_from_us_is_refused),
		cmocka_unit_test(signals_are_read_by_name_and_number),
		cmocka_unit_test(what_cannot_be_passed_on_is_refused),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(signals_have_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
