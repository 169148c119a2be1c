/* See unpack.h: which members may be unpacked, and where to. */
#include "../stream.h"

#include "../stream/members.h"
#include "../unpack.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"

/* A name without its empty and dot parts; NULL: it is absolute, or a part of it is `..`. */
static const char *
straight(const char *name, struct arena *arena)
{
	struct text text = text_new(arena);

	if (*name == '/')
		return NULL;
	while (*name) {
		const size_t length = strcspn(name, "/");

		if (length == 2 && strncmp(name, "..", 2) == 0)
			return NULL;
		if (length && !(length == 1 && *name == '.')) {
			if (text.length)
				text_add_char(&text, '/');
			text_add_n(&text, name, length);
		}
		name += length + (name[length] == '/');
	}
	return text.at;
}

/* What of a name lies below a folder; NULL: it lies elsewhere. */
static const char *
below(const char *name, const char *folder)
{
	const size_t length = strlen(folder);

	if (!length)
		return name;
	if (strncmp(name, folder, length) != 0)
		return NULL;
	return name[length] == '/' ? name + length + 1 : name[length] ? NULL : name + length;
}

/*
 * Does the target of a symbolic link stay within the tree? It may go up first, no further than the link lies deep, and then only
 * down: `..` behind a name could be behind another link, and lead anywhere.
 */
static bool
stays_within(const char *name, const char *target)
{
	size_t depth = 0;
	bool goes_down = false;

	if (*target == '/' || !*target)
		return false;
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/'))
		depth++;
	while (*target) {
		const size_t length = strcspn(target, "/");
		const bool is_up = length == 2 && strncmp(target, "..", 2) == 0;

		if (is_up && (goes_down || depth-- == 0))
			return false;
		goes_down |= !is_up && length && !(length == 1 && *target == '.');
		target += length + (target[length] == '/');
	}
	return true;
}

/* Where what has this name in the archive goes to, or NULL. */
static const char *
find_place(const char *name, const struct unpacking *unpacking, struct arena *arena)
{
	const char *whole = straight(name, arena);
	const char *found = whole ? below(whole, unpacking->below) : NULL;

	return found && *found && unpacking->takes && !unpacking->takes(found) ? NULL : found;
}

static bool
judge_link(struct placed *placed, const struct member *member, const struct unpacking *unpacking,
           const char *path, struct arena *arena, struct err *err)
{
	if (!*placed->name || !member->target)
		return err_set(err, FAULT_WRONG, "%s: %s is a link without a name or a target",
		               path, member->name);
	placed->target = member->target;
	if (member->kind == MEMBER_SAME)
		placed->target = find_place(member->target, unpacking, arena);
	else if (!stays_within(placed->name, member->target))
		placed->target = NULL;
	return (placed->target && *placed->target) ||
	       err_set(err, FAULT_WRONG, "%s: the link %s leads to %s, out of what is restored",
	               path, member->name, member->target);
}

bool
unpack_judge(struct placed *placed, const struct member *member, const struct unpacking *unpacking,
             const char *path, struct arena *arena, struct err *err)
{
	const char *whole = straight(member->name, arena);

	*placed = (struct placed){ 0 };
	if (!whole)
		return err_set(err, FAULT_WRONG, "%s: the name %s leads out of the archive", path,
		               member->name);
	placed->name = find_place(member->name, unpacking, arena);
	placed->is_beside = !below(whole, unpacking->below);
	if (!placed->name)
		return true;
	switch (member->kind) {
	case MEMBER_FOLDER:
		return true;
	case MEMBER_FILE:
		return *placed->name ||
		       err_set(err, FAULT_WRONG, "%s: holds a file without a name", path);
	case MEMBER_LINK:
	case MEMBER_SAME:
		return judge_link(placed, member, unpacking, path, arena, err);
	case MEMBER_OTHER:
		break;
	}
	return err_set(err, FAULT_WRONG, "%s: %s is a device, a pipe or a socket", path,
	               member->name);
}
