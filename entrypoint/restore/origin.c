/* See origin.h. */
#include "origin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../arena.h"
#include "../child.h"
#include "../clock.h"
#include "../err.h"
#include "../log.h"
#include "../scoped.h"
#include "../signals.h"
#include "reader.h"
#include "supply.h"

struct origin {
	const char *path, *label;
	struct boot *boot;
	struct arena *arena;
	int file; /* of the script; -1: none */
	struct reader *reader;
	struct child child; /* pid 0: none */
	int words;          /* of the child; -1: none */
	char piece[1 << 18];
};

/* A stream_pull (stream.h) of the script. */
static bool
pull(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct origin *origin = from;
	struct pollfd polled = { .fd = origin->file, .events = POLLIN };
	ssize_t got;
	int ready;

	do {
		if (!signals_poll(&polled, 1, CLOCK_NEVER, &ready, err))
			return false;
		got = read(origin->file, origin->piece, sizeof origin->piece);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", origin->path);
	*bytes = origin->piece;
	*length = (size_t)got;
	return true;
}

static bool
open_file(int *file, const struct supply *supply, struct err *err)
{
	*file = open(supply->file, O_RDONLY | O_CLOEXEC);
	return *file >= 0 || err_errno(err, FAULT_NO_SOURCE, "%s", supply->label);
}

/* A file is given to it open: it may have no name. One that begins with a dash would be an option. */
static const char *
name_for_restore(const struct supply *supply, struct arena *arena)
{
	return !supply->is_folder
	             ? "/proc/self/fd/0"
	             : arena_join(arena, *supply->file == '-' ? "./" : "", supply->file, "");
}

/*
 * A file without a name, which the child inherits; -1: there can be none, and the order is that of the archive. A kernel may want to
 * hear that it is no program (MFD_NOEXEC_SEAL, Linux 6.3).
 */
static int
file_of_list(const char *list)
{
	const size_t length = strlen(list);
	int file = memfd_create("list", 8);

	if (file < 0)
		file = memfd_create("list", 0);
	if (file < 0 || write(file, list, length) == (ssize_t)length)
		return file;
	(void)close(file); /* nobody reads it */
	return -1;
}

static bool
start_restore(struct origin *origin, const struct supply *supply, struct err *err)
{
	SCOPED(descriptor_close) int input = -1, list = -1;
	struct arena *arena = origin->arena;
	char *words[] = { arena_copy(arena, "pg_restore"), arena_copy(arena, "--file=-"),
		          arena_copy(arena, name_for_restore(supply, arena)), NULL, NULL };
	int output[2], errors[2];
	bool has_started;

	if (!supply->is_folder && !open_file(&input, supply, err))
		return false;
	if (supply->order)
		list = file_of_list(supply->order);
	if (list >= 0)
		words[3] = arena_print(arena, "--use-list=/proc/self/fd/%d", list);
	if (pipe2(output, O_CLOEXEC) != 0)
		return err_errno(err, FAULT_SYSTEM, "pipe");
	origin->file = output[0];
	if (pipe2(errors, O_CLOEXEC) != 0) {
		descriptor_close(&output[1]);
		return err_errno(err, FAULT_SYSTEM, "pipe");
	}
	origin->words = errors[0];
	(void)fcntl(output[1], F_SETPIPE_SZ, 1 << 20); /* so that both can work; a wish */
	(void)fcntl(errors[1], F_SETFL,
	            O_NONBLOCK); /* what is too much is dropped: nobody reads yet */
	origin->child = child_of(words);
	origin->child.file = "/proc/self/exe";
	origin->child.input = input;
	origin->child.output = output[1];
	origin->child.errors = errors[1];
	has_started = child_start(&origin->child, origin->boot, err);
	descriptor_close(&output[1]);
	descriptor_close(&errors[1]);
	if (!has_started)
		origin->child.pid = 0;
	return has_started;
}

struct origin *
origin_open(const struct supply *supply, struct boot *boot, struct arena *arena, struct err *err)
{
	struct origin *origin = arena_alloc(arena, sizeof *origin);

	*origin = (struct origin){ .path = supply->label,
		                   .label = supply->label,
		                   .boot = boot,
		                   .arena = arena,
		                   .file = -1,
		                   .words = -1 };
	if (!(supply->is_archive ? start_restore(origin, supply, err)
	                         : open_file(&origin->file, supply, err)) ||
	    !reader_open_proven(&origin->reader, pull, origin, supply->label, arena, err)) {
		origin_close(&origin);
		return NULL;
	}
	if (supply->is_archive)
		origin->label = arena_join(arena, supply->label, " as SQL", "");
	return origin;
}

struct reader *
origin_reader(struct origin *origin)
{
	return origin->reader;
}

const char *
origin_label(const struct origin *origin)
{
	return origin->label;
}

/* What pg_restore said, without the newline at its end. */
static const char *
read_words(struct origin *origin)
{
	struct text words = text_new(origin->arena);
	char piece[4096];
	ssize_t got;

	while ((got = read(origin->words, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0 && words.length < sizeof piece)
			text_add_n(&words, piece, (size_t)got);
	while (words.length && words.at[words.length - 1] == '\n')
		words.at[--words.length] = '\0';
	return words.at;
}

static bool
judge_end(struct origin *origin, int status, struct err *err)
{
	const char *words = read_words(origin);

	if (status == 0) {
		if (*words)
			log_warn("%s", words);
		return true;
	}
	if (!*words)
		return child_judge("pg_restore", status, err);
	(void)err_set(err, FAULT_WRONG, "%s: %.*s", origin->path, (int)strcspn(words, "\n"), words);
	return err_hint(err, "the archive was cut, or it is damaged");
}

bool
origin_finish(struct origin *origin, struct err *err)
{
	struct child child = origin->child;
	int status;

	if (!child.pid)
		return true;
	origin->child.pid = 0;
	return child_await(&child, origin->boot, &status, err) && judge_end(origin, status, err);
}

bool
origin_failed(struct origin *origin, struct err *err)
{
	struct err reason = { 0 };
	char byte;

	/* If it has written all that it will, it is over, and how is the question; else what it wrote is to blame. */
	if (!origin->child.pid || err->fault >= FAULT_SIGNAL || read(origin->file, &byte, 1) != 0)
		return false;
	if (!origin_finish(origin, &reason))
		*err = reason;
	return false;
}

void
origin_close(struct origin **origin)
{
	if (!*origin)
		return;
	if ((*origin)->child.pid)
		child_end(&(*origin)->child);
	reader_close(&(*origin)->reader);
	descriptor_close(&(*origin)->file);
	descriptor_close(&(*origin)->words);
	*origin = NULL;
}
