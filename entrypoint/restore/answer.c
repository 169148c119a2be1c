/* See answer.h. */
#include "answer.h"

#include <string.h>
#include <sys/stat.h>

#include "../arena.h"
#include "../boot.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "cold.h"
#include "kind.h"
#include "prove.h"
#include "set.h"

/* "of database x, from server 15.18, by pg_dump 15.18, 2026-11-25 15:41:07" */
static void
add_origin(struct text *text, const struct found *found)
{
	if (*found->database)
		text_print(text, " of database %s", found->database);
	if (*found->server)
		text_print(text, ", from server %s", found->server);
	if (*found->tool)
		text_print(text, ", by pg_dump %s", found->tool);
	if (*found->created)
		text_print(text, ", %s", found->created);
}

static const char *
cover_words(const struct found *found, struct arena *arena)
{
	if (*found->sums)
		return arena_join(arena, "every byte is as ", found->sums, " says");
	switch (found->cover) {
	case COVER_ALL:
		return "a checksum in it stands over every byte";
	case COVER_DATA:
		return "checksums in it stand over its data, not over names and definitions: a "
		       "changed byte there would not be seen; a .sha256 beside it would show it";
	case COVER_NONE:
		break;
	}
	if (found->has_no_ends)
		return "no checksum stands over it: all its files are there, but a changed byte in "
		       "them, or a large object that was cut, would not be seen";
	return "no checksum stands over it: it is complete, but a changed byte within would not be "
	       "seen; a .sha256 beside it would show it";
}

static const char *
describe(const struct found *found, const char *path, struct arena *arena)
{
	struct text text = text_new(arena);

	text_print(&text, "%s: %s", path, kind_words(found->kind));
	add_origin(&text, found);
	text_print(&text, "\n%s", prove_size(found->size, arena));
	if (*found->codecs)
		text_print(&text, " of %s", found->codecs);
	if (found->unpacked != found->size)
		text_print(&text, ", %s unpacked", prove_size(found->unpacked, arena));
	if (found->has_crlf)
		text_add(&text, "\nits lines end as on Windows, in values and functions too");
	text_add_char(&text, '\n');
	return text.at;
}

static bool
answer_list(const char *path, struct arena *arena, struct err *err)
{
	struct err ignored = { 0 };
	struct found found;
	const bool is_whole = prove_source(&found, path, arena, err);
	const char *text = arena_join(arena, describe(&found, path, arena), found.list->at, "");

	if (is_whole)
		return log_answer(text, err);
	/* What is known of a damaged one helps to find out what has happened to it. */
	if (found.list->length)
		(void)log_answer(text, &ignored); /* the damage is the failure */
	return false;
}

/* What a restore of a data directory would warn of, or refuse. */
static bool
add_remarks(struct text *page, const char *path, struct err *err)
{
	struct stat status;
	struct cold cold;

	/* What comes once only has come. */
	if (strcmp(path, "-") == 0 || stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
		text_add(page,
		         "it came as a stream: what --pgdata would refuse was not looked for\n");
		return true;
	}
	if (!cold_read(&cold, path, page->arena, err))
		return false;
	text_add(page, cold.remarks);
	return true;
}

/* Of a dump that is whole, what belongs to it. */
static bool
prove_set(struct text *page, const char *path, const struct boot *boot, struct err *err)
{
	struct set set;

	return set_read(&set, path, &boot->config->volumes, page->arena, err) &&
	       set_prove(&set, &boot->config->volumes, page, err);
}

/* Of a cluster: is there any? */
static bool
has_database(const char *list)
{
	return strncmp(list, "DATABASE ", 9) == 0 || strstr(list, "\nDATABASE ");
}

static bool
has_data(const char *list)
{
	return strstr(list, "TABLE DATA ") || strstr(list, "BLOB") || strstr(list, "LARGE OBJECT");
}

static bool
answer_check(const char *path, const struct boot *boot, struct arena *arena, struct err *err)
{
	struct text page = text_new(arena);
	struct found found;

	if (!prove_source(&found, path, arena, err))
		return false;
	text_print(&page, "%swhole; %s\n", describe(&found, path, arena),
	           cover_words(&found, arena));
	if (found.kind == KIND_CLUSTER && !has_database(found.list->at))
		return err_set(err, FAULT_WRONG, "%s: %s, which holds no database", path,
		               kind_words(found.kind));
	if (kind_is_dump(found.kind) && !has_data(found.list->at))
		text_add(&page, "it holds definitions alone: no rows\n");
	if (found.kind == KIND_PGDATA && !add_remarks(&page, path, err))
		return false;
	if (!boot->request->parts && kind_is_dump(found.kind) && !prove_set(&page, path, boot, err))
		return false;
	text_add(&page, "only files were proven: no server was asked whether it can take them\n");
	return log_answer(page.at, err);
}

bool
answer_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const struct request *request = boot->request;
	char **const operands = request->operands;

	(void)log_step("restore");
	if (!*operands)
		return err_set(err, FAULT_USAGE, "no source is named");
	if (operands[1])
		return err_set(err, FAULT_USAGE, "one source at a time, not %s too", operands[1]);
	if (request->parts && (request->list || strcmp(request->parts, "db") != 0))
		return err_set(err, FAULT_USAGE,
		               "--only has no sense here but as --check --only=db: the dump alone");
	return request->list ? answer_list(*operands, &arena, err)
	                     : answer_check(*operands, boot, &arena, err);
}
