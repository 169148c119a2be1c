/* See account.h. */
#include "account.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arena.h"
#include "config.h"
#include "err.h"

/* (uid_t)-1 means "leave it" to the system. */
#define MOST_NUMBER 4294967294UL

static bool
is_number(const char *text, unsigned long *number)
{
	if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 10)
		return false;
	*number = strtoul(text, NULL, 10);
	return *number <= MOST_NUMBER;
}

static bool
find_user(struct account *account, const char *user, struct arena *arena, struct err *err)
{
	const struct passwd *entry = getpwnam(user);
	unsigned long number = 0;

	if (!entry && is_number(user, &number)) {
		entry = getpwuid((uid_t)number);
		account->user = (uid_t)number;
		account->group = getegid();
		if (!entry)
			return true;
	}
	if (!entry)
		return err_set(err, FAULT_CONFIG, "user = %s: no such user in /etc/passwd",
		               account->wanted);
	account->user = entry->pw_uid;
	account->group = entry->pw_gid;
	account->name = arena_copy(arena, entry->pw_name);
	account->home = arena_copy(arena, entry->pw_dir);
	return true;
}

static bool
find_group(struct account *account, const char *group, struct err *err)
{
	const struct group *entry = getgrnam(group);
	unsigned long number = 0;

	if (!entry && !is_number(group, &number))
		return err_set(err, FAULT_CONFIG, "user = %s: no such group in /etc/group",
		               account->wanted);
	account->group = entry ? entry->gr_gid : (gid_t)number;
	account->name = NULL;
	return true;
}

bool
account_find(struct account *account, const char *wanted, struct arena *arena, struct err *err)
{
	const char *colon = strchr(wanted, ':');
	const size_t length = colon ? (size_t)(colon - wanted) : strlen(wanted);
	struct account found = { .wanted = wanted };

	if (!find_user(&found, arena_copy_n(arena, wanted, length), arena, err) ||
	    (colon && !find_group(&found, colon + 1, err)))
		return false;
	*account = found;
	return true;
}

/* A session of its own that already is who it is meant to become, as with Kubernetes' runAsUser. */
static bool
is_already(const struct account *account)
{
	uid_t user, effective_user, saved_user;
	gid_t group, effective_group, saved_group;

	return getresuid(&user, &effective_user, &saved_user) == 0 &&
	       getresgid(&group, &effective_group, &saved_group) == 0 && user == account->user &&
	       effective_user == account->user && saved_user == account->user &&
	       group == account->group && effective_group == account->group &&
	       saved_group == account->group;
}

static bool
has_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };
	const uint32_t needed = 1U << CAP_SETUID | 1U << CAP_SETGID;

	/* Where the kernel does not tell, the attempt will. */
	return syscall(SYS_capget, &header, sets) != 0 || (sets[0].effective & needed) == needed;
}

static bool
hint(struct err *err)
{
	return err_hint(
		err, "start the container as root with the capabilities SETUID and SETGID, or as "
		     "that user and leave `user` out");
}

bool
account_check(const struct account *account, struct err *err)
{
	if (is_already(account) || has_capabilities())
		return true;
	(void)err_set(err, FAULT_CONFIG, "user = %s: we may not become another user",
	              account->wanted); /* false below */
	return hint(err);
}

bool
account_become(const struct account *account, struct err *err)
{
	if (account->home && !config_export("HOME", account->home, err))
		return false;
	if (is_already(account))
		return true;
	if ((account->name ? initgroups(account->name, account->group)
	                   : setgroups(1, &account->group)) != 0 ||
	    setresgid(account->group, account->group, account->group) != 0 ||
	    setresuid(account->user, account->user, account->user) != 0) {
		(void)err_errno(err, FAULT_CONFIG, "user = %s", account->wanted);
		return hint(err);
	}
	return true;
}
