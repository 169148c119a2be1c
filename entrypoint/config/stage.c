/* The stage that a container belongs to, which is the setting `environment`: dev, test, staging, prod or a folder of seeds. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"

static const char *const stages[] = { "dev", "test", "staging", "prod" };

/* The name of a folder of seeds; of those with several names the one that the folder has. */
const char *
config_environment(const char *word)
{
	static const char *const canonical[][2] = {
		{ "dev", "dev" },         { "development", "dev" }, { "test", "test" },
		{ "testing", "test" },    { "staging", "staging" }, { "sit", "staging" },
		{ "production", "prod" }, { "prod", "prod" },
	};

	for (size_t i = 0; i < sizeof canonical / sizeof *canonical; i++)
		if (strcasecmp(canonical[i][0], word) == 0)
			return canonical[i][1];
	return NULL;
}

static bool
exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 || errno != ENOENT;
}

bool
config_check_environment(const struct config *config, struct arena *arena, struct err *err)
{
	const char *path = config->seeds_dir
	                         ? arena_join(arena, config->seeds_dir, "/", config->environment)
	                         : NULL;

	for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
		if (strcmp(stages[i], config->environment) == 0)
			return true;
	if (path && exists(path))
		return true;
	return err_set(
		err, FAULT_CONFIG,
		"environment: %s is neither dev, test, staging nor prod, nor is there a folder "
		"%s",
		config->environment, path ? path : "of that name in seeds_dir, which is not there");
}
