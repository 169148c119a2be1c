/* See offspring.h. */
#include "offspring.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../arena.h"
#include "../clock.h"
#include "../log.h"
#include "../scoped.h"

/* So many are named. */
#define NAMED 8

struct process {
	pid_t pid, parent;
	bool is_ours;
	char name[16]; /* the kernel's, of 15 bytes */
};

struct offspring {
	struct process *at;
	size_t count;
};

/* Of /proc/PID/stat, "12 (a name) S 1 ...": false for one that is gone meanwhile, or a zombie. */
static bool
read_process(struct process *process, int proc, const char *pid)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(descriptor_close)
	int file = openat(proc, arena_join(&arena, pid, "/stat", ""), O_RDONLY | O_CLOEXEC);
	char line[512];
	const ssize_t length = file < 0 ? -1 : read(file, line, sizeof line - 1);
	const char *name, *end;

	if (length <= 0)
		return false;
	line[length] = '\0';
	name = strchr(line, '(');
	end = strrchr(line, ')'); /* the name may hold one, too */
	if (!name || !end || end - name > (ptrdiff_t)sizeof process->name ||
	    strlen(end) < strlen(") S 1") || end[2] == 'Z')
		return false;
	*process = (struct process){ .pid = (pid_t)strtol(pid, NULL, 10),
		                     .parent = (pid_t)strtol(end + 4, NULL, 10) };
	memcpy(process->name, name + 1, (size_t)(end - name - 1));
	return true;
}

/* /proc may be that of another pid namespace, whose numbers are not ours. */
static bool
is_our_proc(void)
{
	char self[16] = { 0 };

	return readlink("/proc/self", self, sizeof self - 1) > 0 &&
	       strtol(self, NULL, 10) == getpid();
}

static bool
mark(struct offspring *offspring, pid_t parent)
{
	bool found = false;

	for (size_t i = 0; i < offspring->count; i++)
		if (!offspring->at[i].is_ours && offspring->at[i].parent == parent)
			found = offspring->at[i].is_ours = true;
	return found;
}

/* Children first, then theirs. */
static void
mark_descendants(struct offspring *offspring)
{
	bool found = mark(offspring, getpid());

	while (found) {
		found = false;
		for (size_t i = 0; i < offspring->count; i++)
			if (offspring->at[i].is_ours)
				found |= mark(offspring, offspring->at[i].pid);
	}
}

static bool
read_offspring(struct offspring *offspring, struct arena *arena)
{
	SCOPED(listing_close) DIR *proc = is_our_proc() ? opendir("/proc") : NULL;
	const struct dirent *entry;
	struct process process;

	*offspring = (struct offspring){ 0 };
	while (proc && (entry = readdir(proc))) {
		if (*entry->d_name < '1' || *entry->d_name > '9' ||
		    !read_process(&process, dirfd(proc), entry->d_name))
			continue;
		offspring->at =
			arena_grow(arena, offspring->at, offspring->count, sizeof *offspring->at);
		offspring->at[offspring->count++] = process;
	}
	mark_descendants(offspring);
	return proc;
}

void
offspring_signal(int signal, pid_t group)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct offspring offspring;

	if (!read_offspring(&offspring, &arena))
		(void)kill(getpid() == 1 ? -1 : -group, signal); /* or there are none */
	for (size_t i = 0; i < offspring.count; i++)
		if (offspring.at[i].is_ours)
			(void)kill(offspring.at[i].pid, signal); /* or it has just ended */
}

void
offspring_tell_left(int64_t stop_timeout)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text names = text_new(&arena);
	struct offspring offspring;
	size_t count = 0;

	(void)read_offspring(&offspring, &arena); /* or nobody is named */
	for (size_t i = 0; i < offspring.count; i++) {
		if (!offspring.at[i].is_ours)
			continue;
		if (++count <= NAMED)
			text_print(&names, "%s%s (%d)", count > 1 ? ", " : ": ",
			           offspring.at[i].name, offspring.at[i].pid);
	}
	log_warn("what the application has left did not end within %s, and is killed%s%s",
	         clock_shown(stop_timeout, &arena), names.at, count > NAMED ? ", ..." : "");
}
