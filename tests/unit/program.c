/* Finding and running programs: every reason why one cannot be run has its words. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "err.h"
#include "program.h"
#include "scoped.h"

static char place[] = "/tmp/program-test-XXXXXX";
static struct err err;

static int
make_place(void **state)
{
	(void)state;
	return mkdtemp(place) && chdir(place) == 0 && mkdir("bin", 0755) == 0 &&
	                       mkdir("bin2", 0755) == 0
	             ? 0
	             : -1;
}

static int
drop_place(void **state)
{
	(void)state;
	return chdir("/") == 0 && system("rm -rf /tmp/program-test-*") == 0 ? 0 : -1;
}

static int
begin(void **state)
{
	(void)state;
	err_clear(&err);
	return setenv("PATH", "bin:bin2", 1);
}

static void
put(const char *name, const char *content, mode_t mode)
{
	SCOPED(descriptor_close) int file = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(file >= 0);
	assert_int_equal(write(file, content, strlen(content)), strlen(content));
	assert_int_equal(fchmod(file, mode), 0);
}

/* The check and the attempt to run it must say the same; tried in a child, which lives on failing. */
static void
both_say(const char *name, int fault, const char *what)
{
	char *argv[] = { strdup(name), NULL };

	assert_false(program_check(name, false, &err));
	assert_string_equal(err.what, what);
	assert_int_equal(err.fault, fault);
	err_clear(&err);
	assert_false(program_execute(argv, NULL, &err));
	assert_string_equal(err.what, what);
	assert_int_equal(err.fault, fault);
	free(argv[0]);
}

/* Only the attempt can tell. */
static void
attempt_says(const char *name, const char *what)
{
	char *argv[] = { strdup(name), NULL };

	assert_true(program_check(name, false, &err));
	assert_false(program_execute(argv, NULL, &err));
	assert_string_equal(err.what, what);
	assert_int_equal(err.fault, FAULT_CANNOT_RUN);
	free(argv[0]);
}

static int
exit_code_of(char *const argv[], char *by_shell[])
{
	int status;
	const pid_t child = fork();

	if (child == 0) {
		(void)program_execute(argv, by_shell, &err);
		_exit(99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
what_does_not_exist(void **state)
{
	char folder[4096], words[5000];

	(void)state;
	both_say("absent", FAULT_NOT_FOUND, "absent is not in PATH (bin:bin2)");
	both_say("/absent/a", FAULT_NOT_FOUND, "/absent/a does not exist");
	both_say("", FAULT_NOT_FOUND, "the program's name is empty");
	assert_non_null(getcwd(folder, sizeof folder));
	(void)snprintf(words, sizeof words, "./absent does not exist in %s", folder);
	both_say("./absent", FAULT_NOT_FOUND, words);
	put("file", "", 0755);
	both_say("/etc/passwd/x", FAULT_NOT_FOUND, "/etc/passwd/x does not exist");
	assert_int_equal(unsetenv("PATH"), 0);
	both_say("absent", FAULT_NOT_FOUND,
	         "absent is not in PATH "
	         "(/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)");
}

static void
what_may_not_be_run(void **state)
{
	(void)state;
	both_say("./bin", FAULT_CANNOT_RUN, "./bin is a directory");
	put("plain", "#!/bin/sh\n", 0644);
	both_say("./plain", FAULT_CANNOT_RUN, "./plain is not executable");
	assert_string_equal(err.hint, "chmod +x ./plain");
	put("bin/plain", "#!/bin/sh\n", 0644);
	both_say("plain", FAULT_CANNOT_RUN, "bin/plain is not executable");
	assert_int_equal(mkfifo("fifo", 0755), 0);
	both_say("./fifo", FAULT_CANNOT_RUN, "./fifo is not a regular file");
	put("by-data", "#!plain\n", 0755);
	attempt_says("./by-data", "./by-data: its interpreter plain may not be run");
}

static void
interpreters_that_are_missing(void **state)
{
	(void)state;
	put("no-such", "#! /absent/sh -e\necho\n", 0755);
	both_say("./no-such", FAULT_CANNOT_RUN,
	         "./no-such: its interpreter /absent/sh does not exist");
	put("windows", "#!/bin/sh\r\necho\r\n", 0755);
	both_say(
		"./windows", FAULT_CANNOT_RUN,
		"./windows: its first line ends with a carriage return, so that its interpreter would "
		"be \"/bin/sh\\r\"");
	assert_non_null(strstr(err.hint, "Unix line ends"));
}

static void
no_format_that_is_known(void **state)
{
	(void)state;
	put("text", "echo 1\n", 0755);
	attempt_says("./text", "./text: neither a program nor a script with a #! line");
	put("empty", "", 0755);
	attempt_says("./empty", "./empty: neither a program nor a script with a #! line");
	put("bare", "#!\n", 0755);
	attempt_says("./bare", "./bare: neither a program nor a script with a #! line");
	put("elf", "\177ELF\001\002\003", 0755);
	attempt_says("./elf", "./elf is built for another kind of machine");
}

static void
the_shell_takes_a_text(void **state)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	char *text[] = { strdup("text"), strdup("a b"), strdup("c"), NULL };
	char *elf[] = { strdup("./elf"), NULL };

	(void)state;
	put("bin/text", "test \"$0: $1, $2, $#\" = 'bin/text: a b, c, 2' && exit 7\n", 0755);
	assert_int_equal(exit_code_of(text, program_shell_words(text, &arena)), 7);
	assert_int_equal(exit_code_of(text, NULL), 99);
	put("elf", "\177ELF\001\002\003", 0755);
	assert_false(program_execute(elf, program_shell_words(elf, &arena), &err));
	assert_string_equal(err.what, "./elf is built for another kind of machine");
	for (size_t i = 0; text[i]; i++)
		free(text[i]);
	free(elf[0]);
}

static void
a_loader_that_is_missing(void **state)
{
	static const char loader[] = "/lib64/ld-linux-x86-64.so.2";
	static char bytes[1 << 20];
	SCOPED(descriptor_close) int from = open("/bin/true", O_RDONLY);
	SCOPED(descriptor_close) int to = open("foreign", O_WRONLY | O_CREAT, 0755);
	const ssize_t length = read(from, bytes, sizeof bytes);
	char *at = length > 0 ? memmem(bytes, (size_t)length, loader, sizeof loader) : NULL;

	(void)state;
	if (!at)
		skip(); /* another kind of machine */
	at[sizeof loader - 2] = '9';
	assert_int_equal(write(to, bytes, (size_t)length), length);
	descriptor_close(&to);
	to = -1;
	attempt_says("./foreign",
	             "./foreign: its loader /lib64/ld-linux-x86-64.so.9 does not exist");
}

static void
the_first_that_can_be_run_is(void **state)
{
	char *argv[] = { (char[]){ "tool" }, (char[]){ "3" }, NULL };

	(void)state;
	put("bin/tool", "#!/bin/sh\nexit 1\n", 0644);
	put("bin2/tool", "#!/bin/sh\nexit $1$1\n", 0755);
	assert_true(program_check("tool", false, &err));
	assert_int_equal(exit_code_of(argv, NULL), 33);
	/* An empty part of PATH is the current folder. */
	put("tool", "#!/bin/sh\nexit 5\n", 0755);
	assert_int_equal(setenv("PATH", "bin:", 1), 0);
	assert_true(program_check("tool", false, &err));
	assert_int_equal(exit_code_of(argv, NULL), 5);
}

static void
another_user_may_be_able(void **state)
{
	(void)state;
	put("theirs", "#!/bin/sh\n", 0644);
	assert_false(program_check("./theirs", true, &err));
	assert_int_equal(chmod("theirs", 0100), 0);
	assert_true(program_check("./theirs", true, &err));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_does_not_exist),           TEST(what_may_not_be_run),
		TEST(interpreters_that_are_missing), TEST(no_format_that_is_known),
		TEST(the_shell_takes_a_text),        TEST(a_loader_that_is_missing),
		TEST(the_first_that_can_be_run_is),  TEST(another_user_may_be_able),
	};

	return cmocka_run_group_tests(tests, make_place, drop_place);
}
