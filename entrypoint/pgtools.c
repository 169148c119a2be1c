/* See pgtools.h. */
#include "pgtools.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* DEFAULT_IO_BUFFER_SIZE in PostgreSQL's compress_io.h. */
#define BUFFER ((size_t)4096)

/* Their main() functions, renamed by entrypoint/deps.mk; PostgreSQL has no header for them. */
int pg_dump_main(int argc, char **argv);
int pg_restore_main(int argc, char **argv);
void set_pglocale_pgservice(const char *argv0, const char *app);

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} tools[] = {
	{ "pg_dump", pg_dump_main },
	{ "pg_restore", pg_restore_main },
};

/*
 * Theirs, which we are linked instead of, looks in PATH for who we are, to find a folder of settings beside it, and warns where no
 * pg_dump is. There is no such folder; the locale stays C.
 */
void
set_pglocale_pgservice(const char *argv0, const char *app)
{
	(void)argv0;
	(void)app;
}

/*
 * For each large object they take two buffers and give them back, and musl returns the pages of a kind of block to the kernel with the
 * last of it: that took pg_restore ten times as long as all the rest. One block of the kind that stays keeps them.
 */
static int
run(int (*tool)(int argc, char **argv), int argc, char **argv)
{
	void *volatile stays = malloc(BUFFER); /* or the compiler leaves it out */
	const int code = tool(argc, argv);

	free(stays);
	return code;
}

bool
pgtools_main(int argc, char **argv, int *code)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
		if (strcmp(name, tools[i].name) != 0)
			continue;
		*code = run(tools[i].main, argc, argv);
		return true;
	}
	return false;
}
