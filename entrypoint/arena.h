/*
 * The memory of a step: everything it allocates is dropped together, nobody frees a piece. What
 * cannot be had ends the process with FAULT_SYSTEM, so callers need not check. Also growing text,
 * which lives in an arena.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena {
	struct block *newest;
};

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_copy(struct arena *arena, const char *text);
char *arena_copy_n(struct arena *arena, const char *bytes, size_t length);
char *arena_print(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprint(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0), nonnull));

/* Three texts in one: for what every start does many times, where printf would be felt. */
char *arena_join(struct arena *arena, const char *first, const char *middle, const char *last);

/* Gives back everything; the arena is empty and usable again. */
void arena_drop(struct arena *arena);

/* The same, but it keeps memory to be filled again: for what is filled and emptied many times. */
void arena_clear(struct arena *arena);

/* Bytes of memory that it holds, used or not. */
size_t arena_size(const struct arena *arena);

/* Takes over all that the other holds, which is empty then. */
void arena_adopt(struct arena *arena, struct arena *other);

/* A growing array: room for one more element at the end of *items, which may move. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t size);

/* Text that grows at its end and is always NUL-terminated (`at` is "" at first use). */
struct text {
	struct arena *arena;
	char *at;
	size_t length;
	size_t room;
};

struct text text_new(struct arena *arena);
void text_add(struct text *text, const char *piece);
void text_add_n(struct text *text, const char *bytes, size_t length);
void text_add_char(struct text *text, char c);
/* With a backslash in front of each of these characters. */
void text_add_escaped(struct text *text, const char *value, const char *special);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a JSON string with its quotes; each byte that begins no character of UTF-8 becomes U+FFFD (RFC 8259 8.1). */
void text_add_json(struct text *text, const char *value);
