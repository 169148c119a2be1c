/* What a history table and our ledger say together. See history.h. */
#include <string.h>

#include "../arena.h"
#include "../format.h"
#include "../history.h"
#include "../ledger.h"
#include "../migration.h"
#include "../sort.h"

/* A version in one of the three lists: files, ledger, history. */
struct item {
	const struct format *format;
	const char *version;
	int64_t order;
	size_t at;
};

struct list {
	struct item *at;
	size_t count, next;
};

/* What the three lists say of one version. */
struct meeting {
	const struct migration *file;
	const struct entry *entry;
	const struct past *past;
};

struct merging {
	struct history *history;
	const struct ledger *known;
	const struct migrations *migrations;
	struct arena *arena;
	struct list files, ledger, rows;
	const char *up_to;  /* all files up to it count as applied; NULL: none */
	const char *proven; /* but up to here our own ledger knows which; NULL: nowhere */
	struct ledger merged;
};

static int
by_version(const void *one, const void *other)
{
	const struct item *first = one, *second = other;
	const int order = format_compare(first->format, first->version, second->version);

	return order ? order : (first->order > second->order) - (first->order < second->order);
}

static struct list
list_new(const struct merging *merging, size_t count)
{
	return (struct list){ .at = arena_alloc(merging->arena, count * sizeof(struct item)) };
}

static void
list_add(struct list *list, const struct format *format, const char *version, int64_t order,
         size_t at)
{
	list->at[list->count++] = (struct item){ format, version, order, at };
}

static void
make_lists(struct merging *merging)
{
	const struct format *format = merging->history->format;
	const struct past *rows = merging->history->rows;

	merging->files = list_new(merging, merging->migrations->count);
	merging->ledger = list_new(merging, merging->known->count);
	merging->rows = list_new(merging, merging->history->count);
	for (size_t i = 0; i < merging->migrations->count; i++)
		list_add(&merging->files, format, merging->migrations->at[i].version, 0, i);
	for (size_t i = 0; i < merging->known->count; i++)
		list_add(&merging->ledger, format, merging->known->entries[i].version, 0, i);
	for (size_t i = 0; i < merging->history->count; i++)
		if (rows[i].state != PAST_MARK)
			list_add(&merging->rows, format, rows[i].version, rows[i].order, i);
	pg_qsort(merging->files.at, merging->files.count, sizeof(struct item), by_version);
	pg_qsort(merging->ledger.at, merging->ledger.count, sizeof(struct item), by_version);
	pg_qsort(merging->rows.at, merging->rows.count, sizeof(struct item), by_version);
}

/*
 * A tool that keeps only the newest version passes over a file that is merged late. What our ledger has it has proven, so
 * up to the newest of that nothing is believed any more.
 */
static void
find_limits(struct merging *merging)
{
	const struct format *format = merging->history->format;
	bool is_baseline = false;

	for (size_t i = 0; i < merging->history->count; i++) {
		const struct past *past = &merging->history->rows[i];

		if ((past->state != PAST_UP_TO && past->state != PAST_BASELINE) ||
		    (merging->up_to && format_compare(format, past->version, merging->up_to) < 0))
			continue;
		merging->up_to = past->version;
		is_baseline = past->state == PAST_BASELINE;
	}
	for (size_t i = 0; merging->up_to && !is_baseline && i < merging->ledger.count; i++) {
		const struct entry *entry = &merging->known->entries[merging->ledger.at[i].at];

		if (entry->is_finished &&
		    format_compare(format, entry->version, merging->up_to) <= 0)
			merging->proven = entry->version;
	}
}

/* The next version of all lists, with what each has of it; of several rows the last. */
static bool
next_meeting(struct merging *merging, struct meeting *meeting, const char **version)
{
	struct list *lists[] = { &merging->files, &merging->ledger, &merging->rows };
	const struct format *format = merging->history->format;
	size_t found[3] = { SIZE_MAX, SIZE_MAX, SIZE_MAX };

	*version = NULL;
	for (size_t i = 0; i < 3; i++)
		if (lists[i]->next < lists[i]->count) {
			const char *head = lists[i]->at[lists[i]->next].version;

			if (!*version || format_compare(format, head, *version) < 0)
				*version = head;
		}
	for (size_t i = 0; *version && i < 3; i++)
		for (; lists[i]->next < lists[i]->count &&
		       format_compare(format, lists[i]->at[lists[i]->next].version, *version) == 0;
		     lists[i]->next++)
			found[i] = lists[i]->at[lists[i]->next].at;
	*meeting = (struct meeting){
		found[0] < SIZE_MAX ? &merging->migrations->at[found[0]] : NULL,
		found[1] < SIZE_MAX ? &merging->known->entries[found[1]] : NULL,
		found[2] < SIZE_MAX ? &merging->history->rows[found[2]] : NULL,
	};
	return *version != NULL;
}

/* By a row of its own, or because a later one says that all before it are. */
static bool
is_applied(const struct merging *merging, const struct meeting *meeting, const char *version)
{
	const struct format *format = merging->history->format;

	if (meeting->past)
		return meeting->past->state != PAST_REVERTED && meeting->past->state != PAST_FAILED;
	if (!merging->up_to || format_compare(format, version, merging->up_to) > 0 ||
	    *version == 'R')
		return false;
	if (merging->proven && format_compare(format, version, merging->proven) <= 0)
		return meeting->entry && meeting->entry->is_finished;
	return meeting->file || meeting->entry;
}

/* As if our ledger had always had it. */
static struct entry
believed_entry(const struct merging *merging, const struct meeting *meeting, const char *version)
{
	const struct migration *file = meeting->file;
	const struct past *past = meeting->past;
	/* A baseline has that of its own file. */
	const char *checksum = past && past->state != PAST_BASELINE ? past->checksum : NULL;
	struct entry entry = { .statements = 0 };

	if (meeting->entry)
		entry = *meeting->entry;
	else
		entry = (struct entry){ .version = file ? file->version : version,
			                .name = file ? file->name
			                      : past ? past->name
			                             : version,
			                .checksum = file ? file->checksum : "",
			                .started_at = past && past->at ? past->at : "" };
	entry.is_finished = true;
	/* Where the tool keeps one, its own checksum tells which text it has applied. */
	if (checksum && file && file->peer &&
	    format_checksum_is(file->peer, file->script, checksum, merging->arena))
		entry.checksum = file->checksum;
	else if (checksum)
		entry.checksum = checksum;
	return entry;
}

static void
add_entry(struct entry **entries, size_t *count, const struct entry *entry, struct arena *arena)
{
	*entries = arena_grow(arena, *entries, *count, sizeof **entries);
	(*entries)[(*count)++] = *entry;
}

static void
settle(struct merging *merging, const struct meeting *meeting, const char *version)
{
	struct history *history = merging->history;
	struct ledger *merged = &merging->merged;
	struct entry entry;

	if (meeting->past && meeting->past->state == PAST_FAILED)
		history->failed = meeting->past;
	if (is_applied(merging, meeting, version) &&
	    !(meeting->entry && ledger_is_undoing(meeting->entry))) {
		entry = believed_entry(merging, meeting, version);
		add_entry(&merged->entries, &merged->count, &entry, merging->arena);
		if (!meeting->entry || !meeting->entry->is_finished ||
		    strcmp(meeting->entry->checksum, entry.checksum) != 0)
			add_entry(&history->believed, &history->believed_count, &entry,
			          merging->arena);
	} else if (meeting->entry &&
	           (!meeting->entry->is_finished || ledger_is_undoing(meeting->entry))) {
		add_entry(&merged->entries, &merged->count, meeting->entry, merging->arena);
	} else if (meeting->entry) {
		add_entry(&history->gone, &history->gone_count, meeting->entry, merging->arena);
	}
}

struct ledger
history_merge(struct history *history, const struct migrations *migrations,
              const struct ledger *ledger, struct arena *arena)
{
	struct merging merging = {
		.history = history, .known = ledger, .migrations = migrations, .arena = arena
	};
	struct meeting meeting;
	const char *version;

	history->failed = NULL;
	history->believed = history->gone = NULL;
	history->believed_count = history->gone_count = 0;
	merging.merged = *ledger;
	merging.merged.entries = NULL;
	merging.merged.count = 0;
	make_lists(&merging);
	find_limits(&merging);
	while (next_meeting(&merging, &meeting, &version))
		settle(&merging, &meeting, version);
	return merging.merged;
}
