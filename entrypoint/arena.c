/* See arena.h. */
#include "arena.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "utf8.h"

/* Each block is twice the one before: an arena that lives for a line costs no mmap(2). */
#define SMALLEST_BLOCK ((size_t)1024)
#define LARGEST_BLOCK ((size_t)1 << 20)
/* A line of the log grows once, and its arena stays one block. */
#define SHORT_TEXT ((size_t)128)
/* More than any input that is read whole may be (script.h, seed files): reaching it is a mistake. */
#define MOST_AT_ONCE ((size_t)2 << 30)

struct block {
	struct block *older;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

/* Whoever looks for what is used after its end (DEV=) should see it. */
#ifndef KEEPS_BLOCKS
#define KEEPS_BLOCKS true
#endif

/* The next small arena takes it: malloc would give the page back, and ask for it again. Threads have arenas too. */
static _Atomic(struct block *) spare;

/*
 * All blocks of a start that has nothing to do. Its pages come in one system call, with those of the constants (start.c):
 * malloc maps a few for each block, and each is a page fault of its own.
 */
static alignas(max_align_t) char pool[(size_t)96 << 10];
static atomic_size_t pool_used;

static _Noreturn void
out_of_memory(void)
{
	static const char words[] = "pg-entrypoint: error: out of memory\n";

	(void)!write(STDERR_FILENO, words, sizeof words - 1); /* no better place to complain */
	_exit(FAULT_SYSTEM);
}

static size_t
rounded(size_t size)
{
	const size_t unit = alignof(max_align_t);

	if (size > MOST_AT_ONCE)
		out_of_memory();
	return (size + unit - 1) / unit * unit;
}

static struct block *
take_from_pool(size_t whole)
{
	size_t used = atomic_load(&pool_used);

	while (KEEPS_BLOCKS && whole <= sizeof pool - used)
		if (atomic_compare_exchange_weak(&pool_used, &used, used + whole))
			return (struct block *)(void *)(pool + used);
	return NULL;
}

/* All zero. */
static struct block *
take_block(size_t size)
{
	const size_t whole = rounded(sizeof(struct block) + size);
	struct block *block = size == SMALLEST_BLOCK ? atomic_exchange(&spare, NULL) : NULL;

	if (block)
		memset(block->bytes, 0, block->used);
	else
		block = take_from_pool(whole);
	if (!block)
		block = calloc(1, whole);
	if (!block)
		out_of_memory();
	block->used = 0;
	block->size = size;
	return block;
}

static void
drop_block(struct block *block)
{
	const uintptr_t offset = (uintptr_t)block - (uintptr_t)pool;
	struct block *none = NULL;

	if (KEEPS_BLOCKS && block->size == SMALLEST_BLOCK &&
	    atomic_compare_exchange_strong(&spare, &none, block))
		return;
	if (offset >= sizeof pool)
		free(block);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;
	const size_t need = rounded(size);

	if (!block || block->size - block->used < need) {
		size_t room = block ? block->size * 2 : SMALLEST_BLOCK;

		if (room > LARGEST_BLOCK)
			room = LARGEST_BLOCK;
		if (room < need)
			room = need;
		block = take_block(room);
		block->older = arena->newest;
		arena->newest = block;
	}
	block->used += need;
	return block->bytes + block->used - need;
}

char *
arena_copy_n(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

char *
arena_copy(struct arena *arena, const char *text)
{
	return arena_copy_n(arena, text, strlen(text));
}

char *
arena_vprint(struct arena *arena, const char *format, va_list args)
{
	char shortest[256]; /* what fits here is printed once, not twice */
	va_list again;
	char *copy;
	int length;

	va_copy(again, args);
	length = vsnprintf(shortest, sizeof shortest, format, again);
	va_end(again);
	if (length < 0)
		out_of_memory();
	if ((size_t)length < sizeof shortest)
		return arena_copy_n(arena, shortest, (size_t)length);
	copy = arena_alloc(arena, (size_t)length + 1);
	(void)vsnprintf(copy, (size_t)length + 1, format, args);
	return copy;
}

char *
arena_print(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *copy;

	va_start(args, format);
	copy = arena_vprint(arena, format, args);
	va_end(args);
	return copy;
}

char *
arena_join(struct arena *arena, const char *first, const char *middle, const char *last)
{
	const size_t lengths[] = { strlen(first), strlen(middle), strlen(last) };
	char *joined = arena_alloc(arena, lengths[0] + lengths[1] + lengths[2] + 1);

	memcpy(joined, first, lengths[0]);
	memcpy(joined + lengths[0], middle, lengths[1]);
	memcpy(joined + lengths[0] + lengths[1], last, lengths[2]);
	return joined;
}

void *
arena_grow(struct arena *arena, void *items, size_t count, size_t size)
{
	char *larger;

	/* Room is always a power of two, so it is known without being kept. */
	if (count && (count & (count - 1)))
		return items;
	if (count && count < 4)
		return items;
	larger = arena_alloc(arena, (count ? count * 2 : 4) * size);
	if (count)
		memcpy(larger, items, count * size);
	return larger;
}

void
arena_drop(struct arena *arena)
{
	while (arena->newest) {
		struct block *block = arena->newest;

		arena->newest = block->older;
		drop_block(block);
	}
}

void
arena_clear(struct arena *arena)
{
	struct block *newest = arena->newest;

	/* One that is out of the ordinary is not kept. */
	if (!newest || newest->size > LARGEST_BLOCK) {
		arena_drop(arena);
		return;
	}
	arena->newest = newest->older;
	arena_drop(arena);
	memset(newest->bytes, 0, newest->used);
	newest->used = 0;
	newest->older = NULL;
	arena->newest = newest;
}

size_t
arena_size(const struct arena *arena)
{
	size_t size = 0;

	for (const struct block *block = arena->newest; block; block = block->older)
		size += block->size;
	return size;
}

void
arena_adopt(struct arena *arena, struct arena *other)
{
	struct block *block = other->newest;

	if (!block)
		return;
	/* Behind ours, which goes on to be filled. */
	while (block->older)
		block = block->older;
	if (arena->newest) {
		block->older = arena->newest->older;
		arena->newest->older = other->newest;
	} else {
		arena->newest = other->newest;
	}
	other->newest = NULL;
}

struct text
text_new(struct arena *arena)
{
	return (struct text){ .arena = arena, .at = arena_alloc(arena, 1), .room = 1 };
}

void
text_add_n(struct text *text, const char *bytes, size_t length)
{
	if (text->room - text->length <= length) {
		const size_t twice = (text->length + length + 1) * 2;
		const size_t room = twice > SHORT_TEXT ? twice : SHORT_TEXT;
		char *larger = arena_alloc(text->arena, room);

		memcpy(larger, text->at, text->length);
		text->at = larger;
		text->room = room;
	}
	if (length)
		memcpy(text->at + text->length, bytes, length);
	text->length += length;
	text->at[text->length] = '\0';
}

void
text_add(struct text *text, const char *piece)
{
	text_add_n(text, piece, strlen(piece));
}

void
text_add_char(struct text *text, char c)
{
	text_add_n(text, &c, 1);
}

void
text_add_escaped(struct text *text, const char *value, const char *special)
{
	for (; *value; value++) {
		if (strchr(special, *value))
			text_add_char(text, '\\');
		text_add_char(text, *value);
	}
}

void
text_print(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_add(text, arena_vprint(text->arena, format, args));
	va_end(args);
}

/* The character at `at`; how many bytes it takes. */
static size_t
add_json_character(struct text *text, const char *at)
{
	const unsigned char c = (unsigned char)*at;
	const size_t length = utf8_length(at, strnlen(at, 4));
	char escape[8];

	if (length == 0) {
		text_add(text, "\\ufffd");
		return 1;
	}
	if (c == '"' || c == '\\') {
		text_add_char(text, '\\');
	} else if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)at[1] < 0xa0)) {
		(void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned char)at[length - 1]);
		text_add(text, escape);
		return length;
	}
	text_add_n(text, at, length);
	return length;
}

void
text_add_json(struct text *text, const char *value)
{
	text_add_char(text, '"');
	while (*value)
		value += add_json_character(text, value);
	text_add_char(text, '"');
}
