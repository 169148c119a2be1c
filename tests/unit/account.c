/* Whom `user` means. Becoming somebody is tried in children, and only as root. */
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "account.h"
#include "arena.h"
#include "err.h"

static struct arena arena;
static struct err err;
static struct account account;

static int
begin(void **state)
{
	(void)state;
	err_clear(&err);
	account = (struct account){ 0 };
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

static void
found(const char *wanted, uid_t user, gid_t group, const char *name, const char *home)
{
	if (!account_find(&account, wanted, &arena, &err))
		fail_msg("%s", err.what);
	assert_string_equal(account.wanted, wanted);
	assert_int_equal(account.user, user);
	assert_int_equal(account.group, group);
	if (name)
		assert_string_equal(account.name, name);
	else
		assert_null(account.name);
	if (home)
		assert_string_equal(account.home, home);
	else
		assert_null(account.home);
}

static void
names_and_numbers(void **state)
{
	(void)state;
	found("root", 0, 0, "root", "/root");
	found("0", 0, 0, "root", "/root");
	found("daemon", 1, 1, "daemon", "/usr/sbin");
	found("1", 1, 1, "daemon", "/usr/sbin");
	found("daemon:adm", 1, 4, NULL, "/usr/sbin");
	found("daemon:54321", 1, 54321, NULL, "/usr/sbin");
	found("54321:adm", 54321, 4, NULL, NULL);
	found("54321:12345", 54321, 12345, NULL, NULL);
	found("54321", 54321, getegid(), NULL, NULL);
	found("4294967294", 4294967294U, getegid(), NULL, NULL);
}

static void
what_is_nobody(void **state)
{
	static const char *const users[] = { "no-such-user", "",    ":adm", "-1", "4294967295",
		                             "99999999999",  "0x1", "1 " };
	static const char *const groups[] = { "root:no-such-group", "root:", "root:-1",
		                              "root:4294967295", "root:adm:adm" };

	(void)state;
	for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
		assert_false(account_find(&account, users[i], &arena, &err));
		assert_int_equal(err.fault, FAULT_CONFIG);
		assert_non_null(strstr(err.what, ": no such user in /etc/passwd"));
	}
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		assert_false(account_find(&account, groups[i], &arena, &err));
		assert_int_equal(err.fault, FAULT_CONFIG);
		assert_non_null(strstr(err.what, ": no such group in /etc/group"));
	}
}

/* In a child: 0 when it is who it should be, and cannot go back. */
static int
become(const char *wanted, int groups)
{
	if (!account_find(&account, wanted, &arena, &err) || !account_check(&account, &err) ||
	    !account_become(&account, &err))
		return 1;
	if (getuid() != account.user || geteuid() != account.user || getgid() != account.group ||
	    getegid() != account.group || getgroups(0, NULL) != groups)
		return 2;
	if (account.home && strcmp(getenv("HOME"), account.home) != 0)
		return 3;
	return setuid(0) == 0 && account.user != 0 ? 4 : 0;
}

static int
in_child(int (*what)(void))
{
	int status;
	const pid_t child = fork();

	if (child == 0)
		_exit(what());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
become_by_name(void)
{
	return become("daemon", 1);
}

static int
become_by_number(void)
{
	return become("54321:12345", 1);
}

static int
become_ourselves(void)
{
	/* Without any right to become somebody else. */
	return become("54321:12345", 1) || become("54321:12345", 1);
}

static int
become_in_vain(void)
{
	if (become("54321:12345", 1) != 0)
		return 1;
	if (!account_find(&account, "daemon", &arena, &err) || account_check(&account, &err))
		return 2;
	if (err.fault != FAULT_CONFIG || !strstr(err.hint, "SETUID"))
		return 3;
	return account_become(&account, &err) || err.fault != FAULT_CONFIG ? 4 : 0;
}

static void
becoming_is_for_good(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(in_child(become_by_name), 0);
	assert_int_equal(in_child(become_by_number), 0);
	assert_int_equal(in_child(become_ourselves), 0);
	assert_int_equal(in_child(become_in_vain), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_and_numbers),
		TEST(what_is_nobody),
		TEST(becoming_is_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
