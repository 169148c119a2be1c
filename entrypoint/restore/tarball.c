/* See tarball.h. */
#include "../stream.h"

#include "../stream/members.h"
#include "tarball.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../scoped.h"
#include "intake.h"
#include "reader.h"

bool
tarball_open(struct tarball *tarball, const char *path, struct arena *arena, struct err *err)
{
	struct intake *intake = arena_alloc(arena, sizeof *intake);
	struct stat status;

	*tarball = (struct tarball){ .file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
	if (tarball->file < 0 || fstat(tarball->file, &status) != 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	*intake = (struct intake){ .file = tarball->file, .path = path, .size = status.st_size };
	intake_begin(intake);
	if (!reader_open_on(&tarball->reader, intake_pull, intake, path, arena, err))
		return false;
	tarball->members = members_open(path, reader_pull, tarball->reader, arena, err);
	return tarball->members;
}

void
tarball_close(struct tarball *tarball)
{
	members_close(&tarball->members);
	reader_close(&tarball->reader);
	descriptor_close(&tarball->file);
	tarball->file = -1;
}
