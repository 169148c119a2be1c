/* See phase.h. */
#include "phase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"
#include "err.h"
#include "log.h"
#include "scoped.h"

#define LONGEST_LINE ((size_t)240)
/* ms. A file made and renamed for each costs what a small migration costs. */
#define SHORTEST_STEP 100

struct phase {
	const char *path, *beside; /* beside: what is renamed to path */
	char last[LONGEST_LINE];   /* without the time */
	char line[LONGEST_LINE + 32];
	int64_t held_until; /* no other line of the same phase is written before */
	bool is_held;       /* the line is not written yet */
	bool is_lost;       /* it cannot be written, or is another start's */
	bool gives_way;
};

/* /dev/null, or a link: ours is a plain file. */
static bool
is_foreign(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static void
give_up(struct phase *phase, const char *why)
{
	phase->is_lost = true;
	log_info("phase_file: %s: %s; `health` will not know how far this start is", phase->path,
	         why);
}

/* As process 1 of each of two containers that share the folder, both have the same pid. */
struct phase *
phase_new(const char *path, struct arena *arena)
{
	struct phase *phase = arena_alloc(arena, sizeof *phase);
	struct timespec now;

	phase->path = path;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	if (is_foreign(path))
		give_up(phase, "that is no file of ours");
	else
		(void)unlink(path); /* what an earlier run in the same container has left */
	phase->beside = arena_print(arena, "%s.%d.%ld", path, (int)getpid(), now.tv_nsec);
	return phase;
}

static int
create(const struct phase *phase)
{
	return open(phase->beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
}

/* An image of nothing but a program has no /run. */
static void
make_folder(const struct phase *phase)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *slash = strrchr(phase->path, '/');

	if (slash && slash != phase->path)
		(void)mkdir(arena_copy_n(&arena, phase->path, (size_t)(slash - phase->path)),
		            0755); /* what comes of it is seen by the next try */
}

static bool
replace(const struct phase *phase, const char *line, size_t length)
{
	int file = create(phase);
	bool was_written;
	int failed;

	if (file < 0 && errno == ENOENT) {
		make_folder(phase);
		file = create(phase);
	}
	if (file < 0)
		return false;
	errno = ENOSPC; /* a short write sets none */
	was_written = write(file, line, length) == (ssize_t)length;
	failed = errno;
	(void)close(file); /* a whole line is there, or is not: nothing waits to be written */
	if (was_written && rename(phase->beside, phase->path) == 0)
		return true;
	failed = was_written ? errno : failed;
	(void)unlink(phase->beside); /* it is of no use */
	errno = failed;
	return false;
}

void
phase_give_way(struct phase *phase)
{
	phase->gives_way = true;
}

bool
phase_is_running(const char *path)
{
	struct phase_record record;
	struct err ignored = { 0 };

	return phase_read(&record, path, &ignored) && strcmp(record.name, "running") == 0;
}

static void
write_line(struct phase *phase)
{
	phase->is_held = false;
	phase->is_lost = phase->gives_way && phase_is_running(phase->path);
	if (phase->is_lost)
		return;
	phase->held_until = clock_ahead(SHORTEST_STEP);
	if (replace(phase, phase->line, strlen(phase->line)))
		return;
	give_up(phase, strerror(errno));
	(void)unlink(phase->path); /* what it says is no longer so */
}

/* False: it is there already. */
static bool
keep_line(struct phase *phase, const char *name, const char *detail)
{
	char words[LONGEST_LINE];

	(void)snprintf(words, sizeof words, "%s %s", name, detail);
	if (strcmp(words, phase->last) == 0)
		return false;
	memcpy(phase->last, words, sizeof words);
	(void)snprintf(phase->line, sizeof phase->line, "%s %lld %s\n", name, (long long)time(NULL),
	               detail);
	phase->is_held = true;
	return true;
}

void
phase_hold(struct phase *phase, const char *name, const char *detail)
{
	if (phase)
		(void)keep_line(phase, name, detail);
}

void
phase_tell(struct phase *phase, const char *name, const char *format, ...)
{
	char detail[sizeof((struct phase_record *)NULL)->detail];
	const size_t length = strlen(name);
	bool is_same_phase;
	va_list args;

	if (!phase || phase->is_lost)
		return;
	va_start(args, format);
	(void)vsnprintf(detail, sizeof detail, format, args);
	va_end(args);
	is_same_phase = strncmp(phase->last, name, length) == 0 && phase->last[length] == ' ';
	if (keep_line(phase, name, detail) && !(is_same_phase && !clock_passed(phase->held_until)))
		write_line(phase);
}

void
phase_catch_up(struct phase *phase)
{
	if (phase && phase->is_held && !phase->is_lost)
		write_line(phase);
}

bool
phase_parse(struct phase_record *record, const char *line)
{
	const size_t name = strcspn(line, " \n");
	char *end;

	*record = (struct phase_record){ 0 };
	if (!name || name >= sizeof record->name || line[name] != ' ')
		return false;
	memcpy(record->name, line, name);
	errno = 0;
	record->since = strtoll(line + name + 1, &end, 10);
	if (errno || end == line + name + 1 || *end != ' ')
		return false;
	(void)snprintf(record->detail, sizeof record->detail, "%.*s", (int)strcspn(end + 1, "\n"),
	               end + 1);
	return true;
}

bool
phase_read(struct phase_record *record, const char *path, struct err *err)
{
	SCOPED(descriptor_close) int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char line[LONGEST_LINE + 32];
	ssize_t length;

	if (file < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	length = read(file, line, sizeof line - 1);
	if (length < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	line[length] = '\0';
	if (!phase_parse(record, line))
		return err_set(err, FAULT_NO_SOURCE, "%s holds no phase of a boot", path);
	return true;
}
