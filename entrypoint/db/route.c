/* See route.h. */
#include "route.h"

#include <libpq-fe.h>
#include <string.h>

#include "../arena.h"
#include "../clock.h"
#include "../db.h"
#include "../err.h"
#include "../target.h"
#include "resolve.h"

/* The i-th of a comma-separated list, the last one where the list is shorter; NULL for none. */
static const char *
nth(const char *list, size_t i, struct arena *arena)
{
	if (!list || !*list)
		return NULL;
	for (; i && strchr(list, ','); i--)
		list = strchr(list, ',') + 1;
	return arena_copy_n(arena, list, strcspn(list, ","));
}

static size_t
list_length(const char *list)
{
	size_t count = list && *list;

	for (; list && *list; list++)
		count += *list == ',';
	return count;
}

static const char *
default_of(const PQconninfoOption *defaults, const char *keyword)
{
	for (; defaults && defaults->keyword; defaults++)
		if (strcmp(defaults->keyword, keyword) == 0)
			return defaults->val;
	return NULL;
}

/*
 * What libpq takes for what the target leaves open: of the service file, the environment and /etc/passwd. NULL: no memory, or the
 * target names a service that PGSERVICE does not, which only libpq's own connecting finds.
 */
static PQconninfoOption *
find_defaults(const struct target *target)
{
	const char *service = target_value(target, "service");
	PQconninfoOption *defaults = PQconndefaults();
	const char *ours = default_of(defaults, "service");

	if (!service || (ours && strcmp(ours, service) == 0))
		return defaults;
	PQconninfoFree(defaults);
	return NULL;
}

/* What libpq would take: ours, else the default. */
static const char *
effective(const struct target *target, const char *keyword, const PQconninfoOption *defaults,
          struct arena *arena)
{
	const char *ours = target_value(target, keyword);
	const char *other = ours ? NULL : default_of(defaults, keyword);

	return other ? arena_copy(arena, other) : ours;
}

const char *
db_database_of(const struct target *target, struct arena *arena)
{
	PQconninfoOption *defaults = find_defaults(target);
	const char *name = effective(target, "dbname", defaults, arena);
	const char *user = effective(target, "user", defaults, arena);
	const bool is_known = defaults != NULL;

	PQconninfoFree(defaults);
	return name || !is_known ? name : user;
}

static void
add_route(struct routes *routes, struct route route, struct arena *arena)
{
	routes->at = arena_grow(arena, routes->at, routes->count, sizeof route);
	routes->at[routes->count++] = route;
}

bool
routes_find(struct routes *routes, const struct target *target, int64_t deadline,
            struct arena *arena, struct err *err)
{
	const char *host = target_value(target, "host");
	/* Of several hosts it matters which sessions are wanted. */
	const bool is_whole = host && !strchr(host, ',') && target_value(target, "port");
	/* Reads files: only where something is missing. */
	PQconninfoOption *defaults = is_whole ? NULL : find_defaults(target);
	const char *hosts = effective(target, "host", defaults, arena);
	const char *addresses = effective(target, "hostaddr", defaults, arena);
	const char *ports = effective(target, "port", defaults, arena);
	const char *attributes = effective(target, "target_session_attrs", defaults, arena);

	routes->names_attributes = target_value(target, "target_session_attrs") ||
	                           (attributes && strcmp(attributes, "any") != 0);
	PQconninfoFree(defaults);
	routes->hosts = list_length(addresses ? addresses : hosts);
	if (routes->hosts == 0)
		add_route(routes, (struct route){ .port = ports }, arena);
	for (size_t i = 0; i < routes->hosts; i++) {
		struct route route = { nth(hosts, i, arena), nth(addresses, i, arena),
			               nth(ports, i, arena) };
		const char **found;
		const int64_t limit = clock_ahead(ADDRESS_WAIT);

		if (route.address || !route.host || resolve_is_needless(route.host)) {
			add_route(routes, route, arena);
			continue;
		}
		if (!resolve(route.host, limit < deadline ? limit : deadline, &found, arena, err)) {
			if (err->fault != FAULT_NO_SERVER)
				return false;
			continue; /* another host may answer */
		}
		for (; *found; found++)
			add_route(routes, (struct route){ route.host, *found, route.port }, arena);
	}
	return true;
}
