/* By the last look: which steps have something to do? See look.h. */
#include <string.h>

#include "../boot.h"
#include "../config.h"
#include "../look.h"
#include "../migration.h"
#include "../migrator.h"
#include "../seed.h"

static bool
wants_any(const struct boot *boot, const char *const *steps)
{
	while (*steps && !config_wants(boot->config, *steps))
		steps++;
	return *steps;
}

bool
wait_is_due(const struct boot *boot)
{
	return config_wants(boot->config, "wait") || look_is_due(boot);
}

bool
look_is_due(const struct boot *boot)
{
	static const char *const steps[] = {
		"restore", "initdb", "migrate", "seed", "check", NULL
	};

	return wants_any(boot, steps);
}

bool
restore_is_set(const struct boot *boot)
{
	return config_wants(boot->config, "restore") && boot->config->on_empty == ON_EMPTY_RESTORE;
}

bool
restore_is_wanted(const struct boot *boot)
{
	return restore_is_set(boot) && !boot->config->expect_schema;
}

bool
restore_is_due(const struct boot *boot)
{
	const struct facts *facts = &boot->facts;

	if (!restore_is_wanted(boot))
		return false;
	if (facts->partial)
		return strcmp(facts->partial, "restore") == 0;
	return facts->is_empty && !facts->had_relations && !facts->restored;
}

bool
restore_is_awaited(const struct boot *boot)
{
	const struct facts *facts = &boot->facts;

	return restore_is_set(boot) && boot->config->expect_schema && facts->is_empty &&
	       !facts->had_relations && !facts->restored;
}

bool
look_is_at_work(const struct boot *boot)
{
	return boot->facts.partial && !restore_is_due(boot);
}

bool
initdb_is_wanted(const struct boot *boot)
{
	return config_wants(boot->config, "initdb") && boot->config->initdb_dir &&
	       !boot->config->expect_schema;
}

bool
initdb_is_due(const struct boot *boot)
{
	return initdb_is_wanted(boot) && !boot->facts.initdb_done && !boot->facts.restored &&
	       !restore_is_due(boot);
}

/* `migrate up VERSION` does not run the command that it stands behind. */
bool
after_is_due(const struct boot *boot)
{
	return boot->facts.owes_after && boot->migrations->after && !boot->last;
}

bool
migrate_is_due(const struct boot *boot)
{
	return config_wants(boot->config, "migrate") && !boot->config->expect_schema &&
	       (boot->migrations->pending || boot->facts.loads_snapshot || migrator_is_due(boot) ||
	        after_is_due(boot));
}

bool
seed_is_due(const struct boot *boot)
{
	return config_wants(boot->config, "seed") && !boot->config->expect_schema &&
	       boot->facts.seeds_missing && seeds_question_count(boot->seeds);
}

bool
check_is_due(const struct boot *boot)
{
	return config_wants(boot->config, "check");
}

bool
note_is_due(const struct boot *boot)
{
	return boot->facts.is_changing && config_wants(boot->config, "migrate") &&
	       !boot->config->expect_schema;
}

bool
refill_is_due(const struct boot *boot)
{
	return restore_is_wanted(boot) && boot->lock && boot_is_due(boot);
}

bool
change_is_due(const struct boot *boot)
{
	return migrate_is_due(boot) || note_is_due(boot);
}

bool
boot_is_due(const struct boot *boot)
{
	return restore_is_due(boot) || initdb_is_due(boot) || migrate_is_due(boot) ||
	       seed_is_due(boot);
}

bool
lock_is_due(const struct boot *boot)
{
	return boot_is_due(boot) || note_is_due(boot) || look_is_at_work(boot);
}
