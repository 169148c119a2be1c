/* The user whom the application runs as: `user`, a name or a number, and maybe `:group`. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct arena;
struct err;

struct account {
	const char *wanted; /* as set */
	uid_t user;
	gid_t group;
	const char *name; /* whose further groups come along; NULL: none do */
	const char *home; /* NULL: not known */
};

/*
 * Looks in /etc/passwd and /etc/group. A number that is not there is fine; as with docker run --user,
 * its group is ours then. An unknown name is FAULT_CONFIG.
 */
bool account_find(struct account *account, const char *wanted, struct arena *arena,
                  struct err *err);

/* May we become it? Else FAULT_CONFIG: that needs SETUID and SETGID. */
bool account_check(const struct account *account, struct err *err);

/* Becomes it, for good; HOME is set as su-exec and gosu do. */
bool account_become(const struct account *account, struct err *err);
