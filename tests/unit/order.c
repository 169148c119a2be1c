/* What one self tells the other: written and read, all of it and nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "init/order.h"
#include "log.h"
#include "mapping.h"
#include "scoped.h"

#define WORDS(...) ((char *[]){ __VA_ARGS__, NULL })
#define W(word) ((char[]){ word })

static struct arena arena;
static struct err err;

static struct mapping
mapping(const char *pairs)
{
	struct mapping read;

	assert_null(mapping_read_codes(&read, pairs));
	return read;
}

/* The words with a | behind each. */
static const char *
shown(char **words)
{
	struct text text = text_new(&arena);

	for (; *words; words++)
		text_print(&text, "%s|", *words);
	return text.at;
}

static void
the_usual_order_has_no_words(void **state)
{
	const struct mapping none = mapping("");
	struct order order;
	char **program;

	(void)state;
	program = order_read(&order, WORDS(W("--"), W("a"), W("--"), W("")), &arena, &err);
	assert_string_equal(shown(program), "a|--||");
	assert_int_equal(order.blocked, 0);
	assert_false(order.to_group);
	assert_false(order.logs_json);
	assert_int_equal(order.log_level, LOG_INFO);
	assert_int_equal(order.stop_timeout, 10000);
	assert_memory_equal(order.signals, &none, sizeof none);
	assert_memory_equal(order.codes, &none, sizeof none);
	assert_string_equal(shown(order_write(&order, "title", program, &arena)),
	                    "title|--|a|--||");
}

static void
what_is_written_is_read_again(void **state)
{
	const struct mapping signals = mapping("15:3"), codes = mapping("143:0,3:4");
	const struct order order = {
		.blocked = UINT64_MAX - 1,
		.to_group = true,
		.logs_json = true,
		.log_level = LOG_DEBUG,
		.stop_timeout = 0,
		.signals = &signals,
		.codes = &codes,
	};
	char **words = order_write(&order, "title", WORDS(W("a"), W("b c")), &arena), **program;
	struct order again;

	(void)state;
	assert_string_equal(shown(words),
	                    "title|blocked=fffffffffffffffe|signals_to=group|signal_map=15:3|"
	                    "exit_map=3:4,143:0|stop_timeout=0|log=json|log_level=3|--|a|b c|");
	program = order_read(&again, words + 1, &arena, &err);
	assert_string_equal(shown(program), "a|b c|");
	assert_true(again.blocked == order.blocked);
	assert_true(again.to_group);
	assert_true(again.logs_json);
	assert_int_equal(again.log_level, LOG_DEBUG);
	assert_int_equal(again.stop_timeout, 0);
	assert_memory_equal(again.signals, &signals, sizeof signals);
	assert_memory_equal(again.codes, &codes, sizeof codes);
}

static void
what_we_have_not_written_is_refused(void **state)
{
	static const char *const wrong[] = {
		"x",           "blocked=",        "blocked=xyz",
		"log=text",    "log_level=4",     "log_level=-1",
		"exit_map=x",  "signal_map=9:1",  "stop_timeout=99999999999",
		"signals_to=", "stop_timeout=10s"
	};
	struct order order;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		err_clear(&err);
		assert_null(order_read(&order, WORDS(arena_copy(&arena, wrong[i]), W("--"), W("a")),
		                       &arena, &err));
		assert_int_equal(err.fault, FAULT_USAGE);
		assert_non_null(strstr(err.what, wrong[i]));
	}
	assert_null(order_read(&order, WORDS(W("--")), &arena, &err));
	assert_null(order_read(&order, WORDS(W("log=json")), &arena, &err));
	assert_string_equal(err.what, "no program");
}

static int
drop(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_order_has_no_words),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(what_we_have_not_written_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}
