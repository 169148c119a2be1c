/* See shipment.h. */
#include "../stream.h"

#include <stdint.h>

#include "../stream/members.h"
#include "../unpack.h"
#include "../volume/survey.h"
#include "shipment.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../account.h"
#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../folder.h"
#include "../log.h"
#include "../scoped.h"
#include "../volume.h"
#include "candidate.h"
#include "kind.h"
#include "moment.h"
#include "reader.h"

static bool
is_bound(char c)
{
	return !isalnum((unsigned char)c);
}

/* Does the word stand in it, with no letter or digit around? */
static bool
has_word(const char *name, const char *word)
{
	const size_t length = strlen(word);

	for (const char *at = name; (at = strcasestr(at, word)); at++)
		if ((at == name || is_bound(at[-1])) && is_bound(at[length]))
			return true;
	return false;
}

size_t
shipment_owner(const char *name, const struct volume_settings *volumes)
{
	const char *base = folder_base_name(name);
	size_t found = SIZE_MAX, longest = 0;

	for (size_t i = 0; i < volumes->count; i++) {
		const size_t length = strlen(volumes->at[i].name);

		if (length > longest && has_word(base, volumes->at[i].name)) {
			longest = length;
			found = i;
		}
	}
	return found;
}

bool
shipment_put(struct shipment *shipment, const struct shipment *found, struct err *err)
{
	if (shipment->file)
		return err_set(err, FAULT_WRONG, "%s and %s: nothing says which is meant",
		               shipment->label, found->label);
	*shipment = *found;
	return true;
}

/* A dump may have the name of a volume in its own. */
static bool
may_be_archive(const char *name, const char *front)
{
	return kind_role_behind(name, front) == ROLE_BACKUP && !kind_is_named_dump(name) &&
	       !folder_name_ends(name, ".sql") && !strcasestr(folder_base_name(name), ".sql.");
}

/* The members of a file, which may be compressed. */
struct opened {
	struct arena arena;
	int file;
	struct reader *reader, *inner_reader;
	struct members *members, *inner;
};

static void
opened_close(struct opened *opened)
{
	members_close(&opened->inner);
	reader_close(&opened->inner_reader);
	members_close(&opened->members);
	reader_close(&opened->reader);
	descriptor_close(&opened->file);
	arena_drop(&opened->arena);
}

static bool
open_file(struct opened *opened, const char *file, const char *label, struct err *err)
{
	size_t length;
	const char *head;

	opened->file = open(file, O_RDONLY | O_CLOEXEC);
	if (opened->file < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", label);
	if (!reader_open(&opened->reader, opened->file, label, &opened->arena, err))
		return false;
	head = reader_head(opened->reader, &length);
	if (!kind_is_container(kind_of(head, length)))
		return err_set(err, FAULT_WRONG, "%s: %s, not an archive of files", label,
		               kind_words(kind_of(head, length)));
	opened->members = members_open(label, reader_pull, opened->reader, &opened->arena, err);
	return opened->members != NULL;
}

bool
shipment_find_in(struct shipment *shipments, const char *bundle, const char *label,
                 const struct volume_settings *volumes, struct arena *arena, struct err *err)
{
	SCOPED(opened_close) struct opened opened = { .file = -1 };
	const char *front = "";
	struct member member;
	bool at_end;

	if (!open_file(&opened, bundle, label, err))
		return false;
	for (size_t number = 1;; number++) {
		size_t owner;

		if (!members_next(opened.members, &member, &at_end, err))
			return false;
		if (at_end)
			return true;
		if (number == 1)
			front = arena_copy_n(arena, member.name,
			                     kind_front(member.name, member.kind == MEMBER_FOLDER));
		owner = shipment_owner(member.name, volumes);
		if (member.kind == MEMBER_FILE && may_be_archive(member.name, front) &&
		    owner < volumes->count &&
		    !shipment_put(&shipments[owner],
		                  &(struct shipment){ bundle,
		                                      arena_join(arena, label, ": ",
		                                                 folder_base_name(member.name)),
		                                      number },
		                  err))
			return false;
	}
}

static bool
is_of_same(const struct candidate *one, const struct candidate *other)
{
	return one->when && other->when && one->when->from == other->when->from &&
	       (!one->environment || !other->environment ||
	        candidate_is_same(one->environment, other->environment));
}

/* The archive of files by its name, and by both of the same backup as the dump. */
static bool
is_with(struct candidate *candidate, const char *name, const char *dump, struct arena *arena)
{
	struct candidate wanted;

	return may_be_archive(name, "") && candidate_read(candidate, name, arena) &&
	       candidate_read(&wanted, dump, arena) && is_of_same(candidate, &wanted);
}

size_t
shipment_belongs(const char *name, const char *dump, const struct volume_settings *volumes,
                 struct arena *arena)
{
	const size_t owner = shipment_owner(name, volumes);
	struct candidate candidate;

	return owner < volumes->count && is_with(&candidate, name, dump, arena) ? owner : SIZE_MAX;
}

bool
shipment_is_beside(const char *name, const char *dump, const struct volume_settings *volumes,
                   struct arena *arena)
{
	struct candidate candidate;

	return is_with(&candidate, name, dump, arena) &&
	       (candidate.kind == BACKUP_VOLUME || shipment_owner(name, volumes) < volumes->count);
}

/* Of a member all that is before it is read over. */
static bool
open_member(struct opened *opened, const struct shipment *shipment, struct err *err)
{
	struct member member = { .kind = MEMBER_OTHER };
	size_t length;
	const char *head;
	bool at_end = false;

	for (size_t i = 0; i < shipment->member && !at_end; i++)
		if (!members_next(opened->members, &member, &at_end, err))
			return false;
	if (at_end || member.kind != MEMBER_FILE)
		return err_set(err, FAULT_WRONG, "%s: it has changed since it was proven",
		               shipment->label);
	if (!reader_open_on(&opened->inner_reader, members_pull, opened->members, shipment->label,
	                    &opened->arena, err))
		return false;
	head = reader_head(opened->inner_reader, &length);
	if (!kind_is_container(kind_of(head, length)))
		return err_set(err, FAULT_WRONG, "%s: %s, not an archive of files", shipment->label,
		               kind_words(kind_of(head, length)));
	opened->inner = members_open(shipment->label, reader_pull, opened->inner_reader,
	                             &opened->arena, err);
	return opened->inner != NULL;
}

static struct members *
open_shipment(struct opened *opened, const struct shipment *shipment, struct err *err)
{
	if (!open_file(opened, shipment->file, shipment->label, err))
		return NULL;
	if (!shipment->member)
		return opened->members;
	return open_member(opened, shipment, err) ? opened->inner : NULL;
}

bool
shipment_survey(struct survey *survey, const struct shipment *shipment, const struct volume *volume,
                struct arena *arena, struct err *err)
{
	SCOPED(opened_close) struct opened opened = { .file = -1 };
	const char *const names[2] = { volume->name, folder_base_name(volume->path) };
	struct members *members = open_shipment(&opened, shipment, err);

	return members && survey_run(survey, members, names, shipment->label, arena, err);
}

/* What a volume that is backed up had of ours, and what every file system makes for itself. */
static bool
takes(const char *name)
{
	static const char *const ours[] = { VOLUME_HIDDEN, "lost+found" };

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		const size_t length = strlen(ours[i]);

		if (strncmp(name, ours[i], length) == 0 && (!name[length] || name[length] == '/'))
			return false;
	}
	return true;
}

bool
shipment_unpack(struct unpacked *unpacked, const struct shipment *shipment,
                const struct survey *survey, const struct volume *volume,
                const struct account *owner, struct err *err)
{
	SCOPED(opened_close) struct opened opened = { .file = -1 };
	struct members *members = open_shipment(&opened, shipment, err);
	struct stat mold;
	struct unpacking unpacking = { .below = survey->below,
		                       .takes = takes,
		                       .owners = OWNERS_KEPT,
		                       .modes = 0777,
		                       .folder_bits = 03000,
		                       .most = survey->bytes,
		                       .mold = &mold };

	if (fstat(volume->folder, &mold) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "volume %s: %s", volume->name,
		                 volume->path);
	if (owner) {
		unpacking.owners = OWNERS_GIVEN;
		unpacking.user = owner->user;
		unpacking.group = owner->group;
	}
	if (!members ||
	    !unpack_run(unpacked, volume->tree, members, &unpacking, shipment->label, err))
		return false;
	if (members_are_of_zip(members))
		log_warn("volume %s: %s is a zip, of which neither modes nor links are read: what "
		         "was a link there is a file now",
		         volume->name, shipment->label);
	return true;
}
