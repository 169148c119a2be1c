/* Is there room in it? See volume.h. */
#include "../volume.h"

#include <sys/statvfs.h>

#include "../err.h"

bool
volume_has_room(const struct volume *volume, int64_t bytes, int64_t files, struct err *err)
{
	struct statvfs system;
	unsigned long long room;

	if (fstatvfs(volume->folder, &system) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "volume %s: %s", volume->name,
		                 volume->path);
	room = (unsigned long long)system.f_bavail * system.f_frsize;
	/* A file system that does not count says 0 of all. */
	if (system.f_blocks && room < (unsigned long long)bytes)
		return err_set(err, FAULT_CANNOT_WRITE,
		               "volume %s: %s has room for %llu kB, and %lld kB are needed",
		               volume->name, volume->path, room / 1000,
		               (long long)(bytes + 999) / 1000);
	return !system.f_files || system.f_favail >= (unsigned long long)files ||
	       err_set(err, FAULT_CANNOT_WRITE,
	               "volume %s: %s has room for %llu files more, and %lld are needed",
	               volume->name, volume->path, (unsigned long long)system.f_favail,
	               (long long)files);
}
