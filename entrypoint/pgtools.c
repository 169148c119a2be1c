/* See pgtools.h. */
#include "pgtools.h"

#include <stddef.h>
#include <string.h>

/* Their main() functions, renamed by entrypoint/deps.mk; PostgreSQL has no header for them. */
int pg_dump_main(int argc, char **argv);
int pg_restore_main(int argc, char **argv);

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} tools[] = {
	{ "pg_dump", pg_dump_main },
	{ "pg_restore", pg_restore_main },
};

bool
pgtools_main(int argc, char **argv, int *code)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
		if (strcmp(name, tools[i].name) != 0)
			continue;
		*code = tools[i].main(argc, argv);
		return true;
	}
	return false;
}
