/* The choice. What a name says is read in naming.c. See candidate.h. */
#include "candidate.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "../clock.h"
#include "moment.h"

/* Local times are up to 14 hours ahead of the UTC that they are taken for, and clocks may be wrong by more. */
#define FUTURE ((int64_t)26 * 3600)

static bool
is_part(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* The next byte that counts: one of a word, '_' between two words, NUL. */
static char
next_byte(const char **at)
{
	bool has_passed = false;
	char c;

	while (**at && !is_part(**at)) {
		has_passed = true;
		(*at)++;
	}
	if (has_passed && **at)
		return '_';
	c = **at;
	*at += c != '\0';
	return c;
}

bool
candidate_is_same(const char *environment, const char *other)
{
	char one, two;

	/* In names it is often so short. */
	if (strcasecmp(environment, "stage") == 0)
		environment = "staging";
	if (strcasecmp(other, "stage") == 0)
		other = "staging";
	do {
		one = next_byte(&environment);
		two = next_byte(&other);
		if (tolower((unsigned char)one) != tolower((unsigned char)two))
			return false;
	} while (one);
	return true;
}

static bool
is_of(const struct candidate *candidate, const char *environment)
{
	return !candidate->environment || candidate_is_same(candidate->environment, environment) ||
	       (candidate->words && candidate_is_same(candidate->words, environment));
}

/* May it be taken by what is known of it alone? */
static enum choice
judge(const struct candidate *candidate, const char *environment, int64_t now)
{
	switch (candidate->kind) {
	case BACKUP_FULL:
	case BACKUP_DATABASE:
		break;
	case BACKUP_EARLIER:
	case BACKUP_TEST:
		return CHOICE_ONLY_NAMED;
	case BACKUP_VOLUME:
		return CHOICE_NO_DATABASE;
	case BACKUP_UNKNOWN:
		return CHOICE_UNKNOWN;
	}
	if (!is_of(candidate, environment))
		return CHOICE_OTHER_ENVIRONMENT;
	if (!candidate->when)
		return candidate->is_latest ? CHOICE_TAKEN : CHOICE_UNDATED;
	return candidate->when->from > now + FUTURE ? CHOICE_FUTURE : CHOICE_TAKEN;
}

/* The one that a link or a hard link stands for is judged instead. */
static const struct candidate *
find_target(const struct candidate *candidates, size_t count, const struct candidate *latest)
{
	for (size_t i = 0; latest->target && i < count; i++)
		if (&candidates[i] != latest && strcmp(candidates[i].name, latest->target) == 0)
			return &candidates[i];
	return NULL;
}

static void
judge_all(struct candidate *candidates, size_t count, const char *environment, int64_t now)
{
	for (size_t i = 0; i < count; i++) {
		const struct candidate *target = find_target(candidates, count, &candidates[i]);

		candidates[i].choice =
			target ? CHOICE_SAME : judge(&candidates[i], environment, now);
		candidates[i].than = target ? target->name : NULL;
	}
}

/* A copy called latest only where nothing has a date: nobody knows of what it is a copy. */
static void
prefer_dated(struct candidate *candidates, size_t count)
{
	bool has_dated = false;

	for (size_t i = 0; i < count; i++)
		has_dated |= candidates[i].choice == CHOICE_TAKEN && candidates[i].when;
	for (size_t i = 0; has_dated && i < count; i++)
		if (candidates[i].choice == CHOICE_TAKEN && !candidates[i].when)
			candidates[i].choice = CHOICE_POINTER;
}

/* > 0: the one is to be taken rather than the other; 0: nothing tells. */
static int
compare(const struct candidate *one, const struct candidate *other)
{
	const int order = one->when && other->when ? moment_compare(one->when, other->when) : 0;

	return order ? order : (int)other->kind - (int)one->kind;
}

const struct candidate *
candidates_choose(struct candidate *candidates, size_t count, const char *environment, int64_t now)
{
	struct candidate *best = NULL;

	judge_all(candidates, count, environment, now);
	prefer_dated(candidates, count);
	for (size_t i = 0; i < count; i++)
		if (candidates[i].choice == CHOICE_TAKEN &&
		    (!best || compare(&candidates[i], best) > 0))
			best = &candidates[i];
	if (!best)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (candidates[i].choice == CHOICE_TAKEN && &candidates[i] != best) {
			candidates[i].choice =
				compare(best, &candidates[i]) > 0 ? CHOICE_OLDER : CHOICE_EQUAL;
			candidates[i].than = best->name;
			if (candidates[i].choice == CHOICE_EQUAL) {
				best->choice = CHOICE_EQUAL;
				best->than = candidates[i].name;
			}
		}
	return best->choice == CHOICE_TAKEN ? best : NULL;
}

const char *
candidate_kind_words(enum backup_kind kind)
{
	switch (kind) {
	case BACKUP_FULL:
		return "full";
	case BACKUP_DATABASE:
		return "database";
	case BACKUP_EARLIER:
		return "before a change";
	case BACKUP_TEST:
		return "test";
	case BACKUP_VOLUME:
		return "files";
	case BACKUP_UNKNOWN:
		break;
	}
	return "-";
}

const char *
candidate_reason(const struct candidate *candidate, struct arena *arena)
{
	switch (candidate->choice) {
	case CHOICE_TAKEN:
		return "the newest";
	case CHOICE_OLDER:
		return "older";
	case CHOICE_EQUAL:
		return arena_join(arena, "as new as ", candidate->than,
		                  ": name the one that is meant");
	case CHOICE_OTHER_ENVIRONMENT:
		return arena_join(arena, "of ", candidate->environment, ", only when named");
	case CHOICE_ONLY_NAMED:
		return "only when named";
	case CHOICE_NO_DATABASE:
		return "no database in it";
	case CHOICE_UNKNOWN:
		return "the name does not say of what it is: only when named";
	case CHOICE_UNDATED:
		return "nothing says its date: only when named";
	case CHOICE_FUTURE:
		return "its date lies ahead: only when named";
	case CHOICE_SAME:
		return arena_join(arena, "stands for ", candidate->than, "");
	case CHOICE_POINTER:
		break;
	}
	return "a copy without a date, beside those that have one";
}

bool
candidate_is_young(const struct candidate *candidate, int64_t max_age, int64_t now)
{
	return max_age == CLOCK_NEVER ||
	       (candidate->when &&
	        now - (candidate->when->from + candidate->when->span) <= max_age / 1000);
}
