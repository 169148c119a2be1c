/* See pgdata.h. */
#include "../stream.h"

#include "../unpack.h"
#include "cold.h"
#include "control.h"
#include "kind.h"
#include "pgdata.h"
#include "prove.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../log.h"
#include "../scoped.h"
#include "../tree.h"
#include "moment.h"
#include "tarball.h"
#include "vessel.h"

#define IMAGES_OWN "/var/lib/postgresql/data"

static const char *
find_path(const struct boot *boot)
{
	const char *set = config_raw_variable("PGDATA");

	return *boot->request->pgdata ? boot->request->pgdata : set && *set ? set : IMAGES_OWN;
}

static bool
prove(const char *path, struct arena *arena, struct err *err)
{
	struct found found;

	if (!prove_source(&found, path, arena, err))
		return false;
	if (found.kind == KIND_PGDATA || found.kind == KIND_VOLUME)
		return true;
	(void)err_set(err, FAULT_WRONG, "%s is %s, not a data directory", path,
	              kind_words(found.kind));
	return err_hint(err, "restore --list says what is in it; a dump is restored without "
	                     "--pgdata, into a server that runs");
}

static void
tell(const struct cold *cold, struct arena *arena)
{
	const struct moment changed = { cold->control->changed, 1 };
	char *rest, *remarks = arena_copy(arena, cold->remarks);

	log_info("%s: data directory of PostgreSQL %s, catalog version %u, system %llu", cold->path,
	         cold->version, cold->control->catalog, (unsigned long long)cold->control->system);
	log_info("%s at %s UTC; %lld files, %s", control_state(cold->control),
	         moment_words(&changed, arena), (long long)cold->files,
	         prove_size(cold->bytes, arena));
	for (char *line = strtok_r(remarks, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		log_warn("%s %s", folder_base_name(cold->path), line);
}

static bool
has_room(const struct vessel *vessel, const struct cold *cold, struct arena *arena, struct err *err)
{
	struct statvfs room;

	if (fstatvfs(vessel->folder, &room) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", vessel->path);
	/* Each file ends within a block of its own. */
	if ((uint64_t)cold->bytes / room.f_frsize + (uint64_t)cold->files <= room.f_bavail)
		return true;
	return err_set(err, FAULT_CANNOT_WRITE, "%s: %s are to be unpacked, %s are free",
	               vessel->path, prove_size(cold->bytes, arena),
	               prove_size((int64_t)(room.f_bavail * room.f_frsize), arena));
}

static bool
unpack(const struct vessel *vessel, const struct cold *cold, struct arena *arena, struct err *err)
{
	SCOPED(tarball_close) struct tarball tarball = { .file = -1 };
	struct unpacking unpacking;
	struct unpacked unpacked;

	cold_unpacking(cold, &unpacking);
	unpacking.owners = vessel->owners;
	unpacking.user = vessel->user;
	unpacking.group = vessel->group;
	if (!tarball_open(&tarball, cold->path, arena, err) ||
	    !unpack_run(&unpacked, vessel->tree, tarball.members, &unpacking, cold->path, err))
		return false;
	if (unpacked.beside)
		log_info("%lld members beside the data directory are left out",
		         (long long)unpacked.beside);
	return true;
}

/* Nothing half there: what was unpacked goes again, and with it the volume is as it was. */
static bool
fill(struct vessel *vessel, const struct cold *cold, struct arena *arena, struct err *err)
{
	struct err ignored = { 0 };

	if (vessel_begin(vessel, err) && has_room(vessel, cold, arena, err) &&
	    unpack(vessel, cold, arena, err) && vessel_seal(vessel, err))
		return true;
	if (!vessel_clear(vessel, &ignored))
		log_warning(&ignored);
	return false;
}

static void
tell_owner(const struct vessel *vessel)
{
	if (vessel->owners == OWNERS_GIVEN && vessel->user == 0)
		log_warn("the files belong to root, as in the archive: no server starts on them "
		         "until they are given to its user; the image postgres does that itself");
	log_info("the roles and passwords are those of the archive: POSTGRES_PASSWORD and the like "
	         "change nothing in it");
}

static bool
restore(const struct cold *cold, const char *path, struct arena *arena, struct err *err)
{
	SCOPED(vessel_close) struct vessel vessel = { .folder = -1, .hidden = -1, .tree = -1 };
	const char *source =
		arena_print(arena, "%s %llu %lld\n", folder_base_name(cold->path),
	                    (unsigned long long)cold->control->system, (long long)cold->bytes);

	if (!vessel_open(&vessel, path, source, arena, err))
		return false;
	vessel_choose_owner(&vessel, geteuid(), cold->user, cold->group);
	if (vessel.is_sealed)
		log_info("%s: a restore that was cut off is finished", path);
	else if (!fill(&vessel, cold, arena, err))
		return false;
	if (!vessel_place(&vessel, err))
		return false;
	log_info("%s restored into %s", folder_base_name(cold->path), path);
	tell_owner(&vessel);
	return true;
}

bool
pgdata_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *path = *boot->request->operands;
	struct cold cold;

	(void)log_step("restore");
	if (strcmp(path, "-") == 0)
		return err_set(err, FAULT_USAGE,
		               "a data directory is restored from a file, not from standard "
		               "input: it is read more than once");
	if (!prove(path, &arena, err) || !cold_read(&cold, path, &arena, err))
		return false;
	tell(&cold, &arena);
	return restore(&cold, find_path(boot), &arena, err);
}
