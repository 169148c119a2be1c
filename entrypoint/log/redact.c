/* See redact.h. */
#include "redact.h"

#include <stdbool.h>
#include <string.h>

#include "../arena.h"
#include "../log.h"
#include "../utf8.h"

/* Shorter ones would blank half of every line, and by construction none is printed anyway. */
#define SHORTEST_SECRET 4
static const char BLANKED[] = "***";
/* Passwords that are words of our own lines too: blanking them would spoil those and hide nothing. */
static const char *const WORDS[] = { "database", "example", "password", "postgres", "secret" };

static struct {
	struct arena arena;
	const char **secrets;
	size_t count;
} kept;

static void
keep_secret(const char *secret)
{
	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
		if (strcmp(WORDS[i], secret) == 0)
			return;
	for (size_t i = 0; i < kept.count; i++)
		if (strcmp(kept.secrets[i], secret) == 0)
			return;
	kept.secrets = arena_grow(&kept.arena, kept.secrets, kept.count, sizeof secret);
	kept.secrets[kept.count++] = arena_copy(&kept.arena, secret);
}

/* With every quote and backslash doubled: between the quotes of an SQL literal. */
static const char *
as_in_literal(const char *secret, struct arena *arena)
{
	struct text doubled = text_new(arena);

	for (; *secret; secret++) {
		if (strchr("'\\", *secret))
			text_add_char(&doubled, *secret);
		text_add_char(&doubled, *secret);
	}
	return doubled.at;
}

/* As JSON has it between its quotes. */
static const char *
as_in_json(const char *secret, struct arena *arena)
{
	struct text quoted = text_new(arena);

	text_add_json(&quoted, secret);
	return arena_copy_n(arena, quoted.at + 1, quoted.length - 2);
}

void
log_secret(const char *secret)
{
	const char *in_literal;

	if (!secret || strlen(secret) < SHORTEST_SECRET)
		return;
	in_literal = as_in_literal(secret, &kept.arena);
	keep_secret(secret);
	keep_secret(in_literal);
	keep_secret(as_in_json(secret, &kept.arena));
	keep_secret(as_in_json(in_literal, &kept.arena));
}

/*
 * The longest secret that `at` begins with, so that one that holds another leaves no tail. Where the text was cut, its end
 * may be the beginning of a secret.
 */
static size_t
secret_at(const char *at, bool is_cut)
{
	const size_t left = is_cut ? strlen(at) : 0;
	size_t longest = 0;

	for (size_t i = 0; i < kept.count; i++) {
		const size_t length = strlen(kept.secrets[i]);
		const size_t compared = is_cut && left < length ? left : length;

		if (compared > longest && strncmp(at, kept.secrets[i], compared) == 0)
			longest = compared;
	}
	return longest;
}

/* The bytes of the control character at `at`, C0, C1 or DEL (ECMA-48), that is no end of a line and no tab; 0: it is none. */
static size_t
control_length(const char *at)
{
	const unsigned char c = (unsigned char)at[0], next = (unsigned char)at[1];

	if (c == 0xc2 && next >= 0x80 && next < 0xa0)
		return 2;
	/* A byte of C1 by itself is no UTF-8, and what a terminal of eight bits obeys. */
	return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f || (c >= 0x80 && c < 0xa0);
}

/* Of the character, or of a byte that is none. */
static size_t
plain_length(const char *at)
{
	const size_t length = utf8_length(at, strnlen(at, 4));

	return length ? length : 1;
}

void
redact(struct text *line, const char *words, size_t room)
{
	const bool is_cut = strlen(words) + 1 == room;

	while (*words) {
		const size_t secret = secret_at(words, is_cut);
		const size_t control = secret ? 0 : control_length(words);
		const size_t length = secret ? secret : control ? control : plain_length(words);

		if (secret)
			text_add(line, BLANKED);
		else if (
			control) /* A terminal must not be steered by what a server or a file says. */
			text_add_char(line, '?');
		else
			text_add_n(line, words, length);
		words += length;
	}
}

void
redact_json(struct text *line, const char *json)
{
	bool is_in_string = false;

	while (*json) {
		const size_t secret = is_in_string ? secret_at(json, false) : 0;
		const size_t length = is_in_string && *json == '\\' ? 2 : 1;

		if (secret) {
			text_add(line, BLANKED);
			json += secret;
			continue;
		}
		is_in_string ^= *json == '"';
		text_add_n(line, json, length);
		json += length;
	}
}

const char *
log_redacted(const char *text, struct arena *arena)
{
	struct text redacted = text_new(arena);

	redact(&redacted, text, 0);
	return redacted.at;
}
