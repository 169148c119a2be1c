/* Items of a text that is made for a test. */
#pragma once

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "restore/item.h"
#include "restore/reader.h"

static struct arena arena;
static struct err err;
static int file = -1;
static struct reader *reader;
static struct items *items;

static inline void
dump_close(void)
{
	items_close(&items);
	if (reader)
		reader_close(&reader);
	if (file >= 0)
		(void)close(file);
	file = -1;
	arena_drop(&arena);
	err_clear(&err);
}

static inline void
dump_open(const char *text, size_t length)
{
	dump_close();
	file = memfd_create("dump", MFD_CLOEXEC);
	assert_true(file >= 0 && write(file, text, length) == (ssize_t)length);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	assert_true(reader_open(&reader, file, "a.sql", &arena, &err));
	items = items_open(reader, "a.sql", &arena);
}

/* One statement, as an item. */
static inline struct item
item_of(const char *sql)
{
	return (struct item){ .kind = ITEM_STATEMENT,
		              .sql = sql,
		              .length = strlen(sql),
		              .line = 7,
		              .toc = "",
		              .schema = "" };
}

static inline int
drop_dump(void **state)
{
	(void)state;
	dump_close();
	return 0;
}
