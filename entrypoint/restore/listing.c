/* See listing.h. */
#include "listing.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../words.h"
#include "answer.h"
#include "candidate.h"
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
		*path = offer_path(&offer, offer.taken, boot->arena);
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
		return err_hint(
			err,
			"the newest for %s: pg-entrypoint restore --check %s; without --check it is restored",
			config->environment, words_quoted(path, boot->arena));
	return config->restore_from || config->backup_dir
	             ? err_hint(err, "none would be taken by itself for %s: restore --check FILE",
	                        config->environment)
	             : err_hint(err,
	                        "restore --check FILE; with restore_from or backup_dir set, what "
	                        "lies there is listed");
}

/* The one of several paths that a listing would take, or NULL. */
static const char *
choose(const struct boot *boot, struct arena *arena)
{
	char **const paths = boot->request->operands;
	struct candidate *candidates = NULL;
	const struct candidate *taken;
	size_t count = 0;

	for (; paths[count]; count++) {
		candidates = arena_grow(arena, candidates, count, sizeof *candidates);
		if (!offer_read_one(&candidates[count], paths[count], arena))
			candidates[count] =
				(struct candidate){ .name = paths[count], .kind = BACKUP_UNKNOWN };
		/* The name of a data directory's archive says as little of its kind as that of another volume. */
		else if (boot->request->pgdata)
			candidates[count].kind = BACKUP_DATABASE;
	}
	taken = candidates_choose(candidates, count, boot->config->environment,
	                          (int64_t)time(NULL));
	return taken ? paths[taken - candidates] : NULL;
}

static bool
refuse_several(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	char **const paths = boot->request->operands;
	const char *environment = boot->config->environment;
	const char *path;
	size_t count = 0;

	while (paths[count])
		count++;
	(void)err_set(err, FAULT_USAGE, "restore takes one source, not %zu", count);
	path = choose(boot, &arena);
	return path ? err_hint(err, "the newest for %s: %s", environment, path)
	            : err_hint(err, "none of them would be taken by itself for %s", environment);
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
