/* See making.h, and of target.h what looks into a target. */
#include "making.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../log.h"
#include "../target.h"

#define OUR_NAME "pg-entrypoint"

bool
making_is_secret(const char *keyword)
{
	return strcasestr(keyword, "password") || strcasestr(keyword, "secret");
}

void
making_secret(const char *keyword, const char *value)
{
	if (making_is_secret(keyword))
		log_secret(value);
}

void
making_set(struct making *making, const char *keyword, const char *value)
{
	making_secret(keyword, value);
	if (!*value)
		return;
	if (strcmp(keyword, "search_path") == 0)
		making->target->search_path = value;
	else
		*making->target = target_with(making->target, keyword, value, making->arena);
}

bool
making_check(const char *keyword, const char *value, const char *where, struct err *err)
{
	static const char *const names[] = {
		"host", "hostaddr", "port", "user", "dbname", "service"
	};
	bool is_name = false;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		is_name = is_name || strcmp(names[i], keyword) == 0;
	if (!is_name || !strstr(value, "://"))
		return true;
	log_secret(value);
	(void)err_set(err, FAULT_CONFIG, "%s holds a URL", where); /* false below */
	return err_hint(err, "a URL as a whole is for DATABASE_URL");
}

static size_t
find(const struct target *target, const char *keyword)
{
	size_t i = 0;

	while (i < target->count && strcmp(target->keywords[i], keyword) != 0)
		i++;
	return i;
}

const char *
target_value(const struct target *target, const char *keyword)
{
	const size_t i = find(target, keyword);

	return i < target->count ? target->values[i] : NULL;
}

struct target
target_with(const struct target *target, const char *keyword, const char *value,
            struct arena *arena)
{
	const size_t at = find(target, keyword);
	struct target copy = *target;

	copy.keywords = arena_alloc(arena, (target->count + 2) * sizeof *copy.keywords);
	copy.values = arena_alloc(arena, (target->count + 2) * sizeof *copy.values);
	for (size_t i = 0; i < target->count; i++) {
		copy.keywords[i] = target->keywords[i];
		copy.values[i] = target->values[i];
	}
	copy.keywords[at] = arena_copy(arena, keyword);
	copy.values[at] = value;
	if (at == target->count)
		copy.count++;
	if (copy.safe)
		copy.safe = making_safe(&copy, arena);
	return copy;
}

/* Takes the first of a list with commas off its front; "" at its end. */
static const char *
next_of(const char **list, struct arena *arena)
{
	const size_t length = *list ? strcspn(*list, ",") : 0;
	const char *const first = length ? arena_copy_n(arena, *list, length) : "";

	if (*list)
		*list = (*list)[length] ? *list + length + 1 : NULL;
	return first;
}

/* Hosts with their ports; libpq takes one port for all hosts. */
static void
add_hosts(struct text *safe, const struct target *target)
{
	const char *hosts = target_value(target, "host");
	const char *ports = target_value(target, "port");
	const bool is_one_port = ports && !strchr(ports, ',');
	const char *port = "";

	if (!hosts)
		hosts = target_value(target, "hostaddr");
	do {
		const char *const host = next_of(&hosts, safe->arena);
		const bool is_address = *host != '/' && strchr(host, ':');

		if (!is_one_port || !*port)
			port = next_of(&ports, safe->arena);
		text_add(safe, is_address ? "[" : "");
		text_add(safe, host);
		text_add(safe, is_address ? "]" : "");
		text_add(safe, *port ? ":" : "");
		text_add(safe, port);
		text_add(safe, hosts ? "," : "");
	} while (hosts);
}

const char *
making_safe(const struct target *target, struct arena *arena)
{
	const char *const user = target_value(target, "user");
	const char *const database = target_value(target, "dbname");
	const char *const service = target_value(target, "service");
	struct text safe = text_new(arena);

	/* Not by printf: every start makes some of these before it can connect. */
	text_add(&safe, "postgresql://");
	text_add(&safe, user ? user : "");
	text_add(&safe, user ? "@" : "");
	add_hosts(&safe, target);
	text_add(&safe, database ? "/" : "");
	text_add(&safe, database ? database : "");
	text_add(&safe, service ? "?service=" : "");
	text_add(&safe, service ? service : "");
	return safe.at;
}

void
making_finish(struct making *making)
{
	making_set(making, "fallback_application_name", OUR_NAME);
	making->target->safe = making_safe(making->target, making->arena);
}
