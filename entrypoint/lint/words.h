/* Walking over the words of a statement, whose end is known (script.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct name; /* act.h */
struct tokens;

/* "if not exists", "table|view": takes all of these words, or none. */
bool words_take(struct tokens *tokens, const char *phrase);

/* The same, somewhere ahead outside of parentheses; goes on behind it. */
bool words_find(struct tokens *tokens, const char *phrase);

/* schema."Name"; of more parts the last two. */
bool words_take_name(struct tokens *tokens, struct name *name, struct arena *arena);

/* One identifier. */
bool words_take_identifier(struct tokens *tokens, const char **identifier, struct arena *arena);

/* Balanced parentheses or brackets; *inside, which may be NULL, is what stands in them. */
bool words_take_group(struct tokens *tokens, struct tokens *inside);

/* A token, or a whole group; false at the end. */
bool words_skip(struct tokens *tokens);

/* What stands before the next comma outside of parentheses, or the end; goes on behind it. */
struct tokens words_item(struct tokens *tokens);

bool words_are_over(struct tokens tokens);

/* All of them in lower case, with a blank only between two words: for types. */
const char *words_text(struct tokens tokens, struct arena *arena);

/* schema.name, for messages. */
const char *name_shown(const struct name *name, struct arena *arena);
