/* See listing.h. */
#include "listing.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "answer.h"
#include "candidate.h"
#include "moment.h"
#include "offer.h"

/* What is not there is told as a folder. */
static bool
is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !offer_is_folder(path);
}

/* Prints those of one folder. *path: the one to take, unless an earlier folder has one. */
static bool
tell(const struct boot *boot, const char *folder, const char **path, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct offer offer;

	if (is_file(folder)) {
		*path = *path ? *path : folder;
		return true;
	}
	if (!offer_read(&offer, folder, boot->config->environment, &arena, err) ||
	    !log_answer(offer_words(&offer, SIZE_MAX, &arena), err))
		return false;
	if (offer.taken && !*path)
		*path = offer_path(&offer, boot->arena);
	return true;
}

static bool
ask(struct boot *boot, struct err *err)
{
	const struct config *config = boot->config;
	const char *path = NULL;

	if (config->restore_from && !tell(boot, config->restore_from, &path, err))
		return false;
	if (config->backup_dir &&
	    (!config->restore_from || strcmp(config->backup_dir, config->restore_from) != 0) &&
	    !tell(boot, config->backup_dir, &path, err))
		return false;
	(void)err_set(err, FAULT_USAGE, "nothing says from what to restore"); /* false below */
	if (path)
		return err_hint(err, "the newest for %s: pg-entrypoint restore --check %s",
		                config->environment, path);
	return config->restore_from || config->backup_dir
	             ? err_hint(err, "none would be taken by itself for %s: restore --check FILE",
	                        config->environment)
	             : err_hint(err,
	                        "restore --check FILE; with restore_from or backup_dir set, what "
	                        "lies there is listed");
}

static bool
refuse_several(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct candidate candidate, newest = { 0 };
	char **const paths = boot->request->operands;
	const char *path = NULL;
	size_t count = 0;

	for (; paths[count]; count++)
		if (candidate_read(&candidate, candidate_name(paths[count]), &arena) &&
		    candidate.when &&
		    (!newest.when || moment_compare(candidate.when, newest.when) > 0)) {
			newest = candidate;
			path = paths[count];
		}
	(void)err_set(err, FAULT_USAGE, "restore takes one source, not %zu", count);
	return path ? err_hint(err, "the newest of them, by its name: %s", path)
	            : err_hint(err, "none of them has a date in its name");
}

bool
listing_run(struct boot *boot, struct err *err)
{
	char **const sources = boot->request->operands;

	if (boot->request->check || boot->request->list)
		return answer_run(boot, err);
	(void)log_step("restore");
	if (!*sources)
		return ask(boot, err);
	return refuse_several(boot, err);
}
