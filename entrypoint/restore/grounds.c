/* See grounds.h. */
#include "grounds.h"

#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../db.h"
#include "../empty.h"
#include "../err.h"
#include "../scoped.h"

static const char sql[] =
	"select known from (\n"
	"select 'setting ' || name from pg_settings\n"
	"union all select 'privileged ' || name from pg_settings\n"
	"    where context not in ('user', 'backend')\n"
	"union all select 'role ' || rolname from pg_roles\n"
	"union all select 'tablespace ' || spcname from pg_tablespace\n"
	"union all select 'method ' || amname from pg_am\n"
	"union all select 'wrapper ' || fdwname from pg_foreign_data_wrapper\n"
	"    where has_foreign_data_wrapper_privilege(oid, 'usage')\n"
	"union all select 'available ' || name from pg_available_extensions\n"
	"union all select 'trusted ' || name from pg_available_extension_versions where trusted\n"
	"union all select 'installed ' || extname from pg_extension\n"
	"union all select 'language ' || lanname from pg_language\n"
	"    where oid in (select objid from pg_depend\n"
	"        where classid = 'pg_language'::regclass and deptype = 'e')\n"
	/* What stays when an init script's are dropped (remain.h); of the rest what is another's is in the way all the same. */
	"union all select 'schema ' || nspname from pg_namespace\n"
	"    where nspname = 'public' or oid in (select extnamespace from pg_extension)\n"
	"union all select 'foreign ' || nspname from pg_namespace where nspname = any ($1::text[])\n"
	"union all select 'publication ' || pubname from pg_publication\n"
	"    where pg_has_role(pubowner, 'usage')\n"
	"union all select 'server ' || srvname from pg_foreign_server\n"
	"    where pg_has_role(srvowner, 'usage')\n"
	"union all select 'event ' || evtname from pg_event_trigger\n"
	"    where pg_has_role(evtowner, 'usage')\n"
	"union all select 'routine ' || quote_ident(nspname) || '.' || quote_ident(proname)\n"
	"    from pg_event_trigger join pg_proc on pg_proc.oid = evtfoid\n"
	"    join pg_namespace on pg_namespace.oid = pronamespace\n"
	"    where pg_has_role(proowner, 'usage')\n"
	"union all select 'may public' from pg_namespace\n"
	"    where nspname = 'public' and pg_has_role(nspowner, 'usage')\n"
	"union all select 'may superuser' from pg_roles where rolname = current_user and rolsuper\n"
	") as one (known) order by known collate \"C\"";

bool
grounds_ask(struct grounds *grounds, struct db *db, const struct config *config,
            struct arena *arena, struct err *err)
{
	SCOPED(answer_free) struct answer answer = { 0 };
	const char **known;

	if (!db_ask(db, ASK(SHAPE_ROWS, sql, empty_schemas(config, arena)), &answer, err))
		return false;
	known = arena_alloc(arena, (size_t)answer.rows * sizeof *known + 1);
	for (int i = 0; i < answer.rows; i++)
		known[i] = arena_copy(arena, answer_at(&answer, i, 0));
	*grounds = (struct grounds){ .version = db_server_version(db),
		                     .user = db_user(db),
		                     .database = db_name(db),
		                     .schema = config->schema,
		                     .known = known,
		                     .count = (size_t)answer.rows };
	return true;
}

struct sought {
	const char *kind, *name;
};

/* Against "KIND NAME", without putting the two together. */
static int
compare(const void *key, const void *element)
{
	const struct sought *sought = key;
	const char *known = *(const char *const *)element;
	const size_t length = strlen(sought->kind);
	const int order = strncmp(sought->kind, known, length);

	if (order)
		return order;
	return known[length] == ' ' ? strcmp(sought->name, known + length + 1)
	                            : ' ' - (unsigned char)known[length];
}

bool
grounds_has(const struct grounds *grounds, const char *kind, const char *name)
{
	const struct sought sought = { kind, name };

	return grounds->count &&
	       bsearch(&sought, grounds->known, grounds->count, sizeof *grounds->known, compare);
}
