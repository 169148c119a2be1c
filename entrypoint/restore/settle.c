/* Volumes at every start. See volumes.h. */
#include <stddef.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../empty.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../volume.h"
#include "volumes.h"

static bool
settle(struct volume *volume, struct err *err)
{
	if (!volume->seen.has_tree && !volume->seen.is_ready)
		return true;
	if (!volume_lock(volume, err))
		return false;
	if (volume->seen.is_ready)
		return volume_place(volume, NULL, err);
	if (!volume->seen.has_tree)
		return true;
	log_info("volume %s: what a restore that was cut off has left is removed", volume->name);
	return volume_abandon(volume, err);
}

/* It is known from now on. Whether we may write there matters only for one that could seem lost. */
static bool
mark(struct volume *volume, struct err *err)
{
	if (volume_mark(volume, err))
		return true;
	if (volume->is_critical && !volume->entry)
		return false;
	err_clear(err);
	return true;
}

static bool
refuse_lost(const struct volume *volume, const char *relation, struct err *err)
{
	(void)err_set(err, FAULT_WRONG,
	              "volume %s: %s is empty and was never seen before, beside a database that is "
	              "not empty: %s",
	              volume->name, volume->path, relation); /* false below */
	return err_hint(
		err,
		"is the right one mounted? restore --only volume:%s FILE fills it; where it "
		"may be empty, start once without :critical",
		volume->name);
}

static bool
prove_kept(struct boot *boot, const struct volume *volume, struct arena *arena, struct err *err)
{
	const char *relation = NULL;

	if (!volume->is_critical || !boot->db || volume_judge(&volume->seen) != VOLUME_NEW)
		return true;
	return empty_find(boot->db, boot->config, &relation, arena, err) &&
	       (!relation || refuse_lost(volume, relation, err));
}

bool
volumes_are_due(const struct boot *boot)
{
	return boot->config->volumes.count && config_wants(boot->config, "volumes");
}

bool
volumes_settle(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct volume_settings *settings = &boot->config->volumes;

	for (size_t i = 0; i < settings->count; i++) {
		SCOPED(volume_close) struct volume volume = { 0 };

		if (!volume_open(&volume, &settings->at[i], &arena, err) || !settle(&volume, err) ||
		    !prove_kept(boot, &volume, &arena, err) || !mark(&volume, err))
			return false;
	}
	return true;
}
