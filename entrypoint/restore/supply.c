/* See supply.h. */
#include "supply.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "content.h"
#include "extract.h"
#include "kind.h"
#include "prove.h"
#include "spool.h"

static struct spool *
add_spool(struct supply *supply, struct arena *arena)
{
	struct spool *spool = arena_alloc(arena, sizeof *spool);

	supply->spools =
		arena_grow(arena, supply->spools, supply->spool_count, sizeof *supply->spools);
	supply->spools[supply->spool_count++] = spool;
	return spool;
}

/* What comes once only: standard input, a pipe that has a name. */
static bool
take_in(struct supply *supply, int file, struct arena *arena, struct err *err)
{
	struct spool *spool = add_spool(supply, arena);

	if (!spool_make_file(spool, 0, arena, err) || !extract_all(spool, file, supply->path, err))
		return false;
	supply->file = spool->path;
	return true;
}

static bool
open_source(struct supply *supply, const char *path, struct arena *arena, struct err *err)
{
	SCOPED(descriptor_close) int file = -1;
	struct stat status;

	if (strcmp(path, "-") == 0) {
		supply->path = supply->label = "standard input";
		return !isatty(STDIN_FILENO)
		             ? take_in(supply, STDIN_FILENO, arena, err)
		             : err_set(err, FAULT_USAGE, "standard input is a terminal");
	}
	if (stat(path, &status) != 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
		return true; /* what is not there is told by the proof */
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return file < 0 ? err_errno(err, FAULT_NO_SOURCE, "%s", path)
	                : take_in(supply, file, arena, err);
}

static bool
prove(struct found *found, const struct supply *supply, struct arena *arena, struct err *err)
{
	return supply->spool_count
	             ? prove_again(found, supply->spools[supply->spool_count - 1]->descriptor,
	                           supply->label, arena, err)
	             : prove_source(found, supply->path, arena, err);
}

static bool
refuse(const struct supply *supply, const struct found *found, struct err *err)
{
	if (found->kind != KIND_BUNDLE)
		return err_set(err, FAULT_WRONG, "%s: %s, which holds no database", supply->label,
		               kind_words(found->kind));
	(void)err_set(err, FAULT_WRONG, "%s: it holds %zu dumps, and nothing says which is meant",
	              supply->label, found->dumps); /* false below */
	return err_hint(err, "unpack it, and name the one to restore");
}

static bool
extract(struct supply *supply, const struct found *found, extract_way *way, struct arena *arena,
        struct err *err)
{
	struct spool *spool = add_spool(supply, arena);
	const bool is_folder = way == extract_parts;

	if (!(is_folder ? spool_make_folder : spool_make_file)(spool, found->needed, arena, err) ||
	    !way(spool, supply->file, supply->label, found->dump_at, err))
		return err_within(err, "%s", supply->label);
	log_info("%s: %s unpacked for reading", supply->label, prove_size(found->needed, arena));
	supply->file = spool->path;
	supply->is_folder = is_folder;
	return true;
}

/* As tar calls what lies where it was told to begin. */
static const char *
without_dot(const char *name)
{
	return strncmp(name, "./", 2) == 0 ? name + 2 : name;
}

/* What is known of it is known of what is unpacked from it, but for a dump in a bundle, which is a source of its own. */
static bool
settle(struct supply *supply, size_t depth, struct arena *arena, struct err *err)
{
	struct found found;

	if (!prove(&found, supply, arena, err))
		return false;
	supply->is_archive = found.kind != KIND_DUMP && found.kind != KIND_CLUSTER;
	supply->is_folder = found.kind == KIND_DIRECTORY;
	supply->order = found.order;
	if (!supply->is_archive || supply->is_folder)
		return true;
	if (found.kind == KIND_CUSTOM || (found.kind == KIND_PARTS && found.is_tar_of_pg_dump))
		return !*found.codecs || extract(supply, &found, extract_codecs, arena, err);
	if (found.kind == KIND_PARTS)
		return extract(supply, &found, extract_parts, arena, err);
	if (found.kind != KIND_BUNDLE || found.dumps != 1 || depth == CONTENT_DEEPEST)
		return refuse(supply, &found, err);
	if (found.other_dumps)
		log_info("%s: %s is meant, by its name; the bundle has %zu other dump%s",
		         supply->label, without_dot(found.dump), found.other_dumps,
		         found.other_dumps == 1 ? "" : "s");
	supply->archives += found.archives;
	supply->bundle = supply->file;
	supply->bundle_label = supply->label;
	if (!extract(supply, &found, extract_member, arena, err))
		return false;
	supply->label = arena_join(arena, supply->label, ": ", without_dot(found.dump));
	return settle(supply, depth + 1, arena, err);
}

bool
supply_prove(struct supply *supply, const char *path, struct arena *arena, struct err *err)
{
	*supply = (struct supply){ .path = path, .label = path, .file = path };
	return open_source(supply, path, arena, err) && settle(supply, 0, arena, err);
}

void
supply_tell_left(const struct supply *supply, size_t taken)
{
	if (supply->archives > taken)
		log_warn("%s: `volumes` names no folder for %zu of its archives of files: not "
		         "restored",
		         supply->path, supply->archives - taken);
}

void
supply_close(struct supply *supply)
{
	for (size_t i = 0; i < supply->spool_count; i++)
		spool_close(supply->spools[i]);
	supply->spool_count = 0;
}
