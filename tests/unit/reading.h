/* What the tests of the settings share: to set variables and files, to read, to hear what is said. */
#pragma once

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "log.h"
#include "scoped.h"

#define ARGV(...) ((char *[]){ (char[]){ "pg-entrypoint" }, __VA_ARGS__ })
#define W(word) ((char[]){ word })

static const struct vocabulary vocabulary = {
	.commands =
		(const char *const[]){ "boot", "plan", "migrate", "migrate up", "migrate status",
	                               "migrate lint", "migrate verify", "migrate adopt",
	                               "migrate down", "seed", "status", "help", "version", NULL },
	.steps = (const char *const[]){ "wait", "restore", "initdb", "migrate", "seed", "check",
	                                NULL },
};

static struct arena arena;
static struct config config;
static struct request request;
static struct err err;
static char place[] = "/tmp/config-test-XXXXXX";

static inline int
make_place(void **state)
{
	(void)state;
	return mkdtemp(place) && chdir(place) == 0 ? 0 : -1;
}

static inline int
drop_place(void **state)
{
	(void)state;
	return chdir("/") == 0 && system("rm -rf /tmp/config-test-*") == 0 ? 0 : -1;
}

/* Before each test: nothing is set. */
static inline int
begin(void **state)
{
	(void)state;
	config = (struct config){ 0 };
	request = (struct request){ 0 };
	err = (struct err){ 0 };
	log_open(LOG_INFO, false);
	return clearenv();
}

static inline int
end(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

static inline void
set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static inline void
put_file(const char *name, const char *content, size_t length)
{
	SCOPED(file_close) FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, length, file), length);
}

static inline bool
read_settings(char **argv)
{
	err_clear(&err);
	return config_read(&config, &request, argv, &vocabulary, &arena, &err);
}

/* Settings that must be right. */
static inline void
read_well(char **argv)
{
	if (!read_settings(argv))
		fail_msg("%s (%s)", err.what, err.hint);
}

static inline void
read_badly(char **argv, int fault, const char *what, const char *hint)
{
	assert_false(read_settings(argv));
	assert_string_equal(err.what, what);
	assert_int_equal(err.fault, fault);
	assert_string_equal(err.hint, hint);
}

/* What is printed to standard error while the settings are read. */
static inline const char *
read_and_listen(char **argv)
{
	static char heard[4096];
	SCOPED(descriptor_close) int before = dup(STDERR_FILENO);
	SCOPED(descriptor_close) int file = open("heard", O_RDWR | O_CREAT | O_TRUNC, 0600);
	bool is_read;
	ssize_t length;

	assert_true(before >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0);
	is_read = read_settings(argv);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	assert_true(is_read);
	length = pread(file, heard, sizeof heard - 1, 0);
	assert_true(length >= 0);
	heard[length] = '\0';
	return heard;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
