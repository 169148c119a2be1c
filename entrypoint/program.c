/* See program.h. */
#include "program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "scoped.h"

/* Where PATH is not set: what images set, and longer than any libc's own. */
#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define SHELL "/bin/sh"
/* The kernel reads no more of a #! line. */
#define HEAD 256

/* What a file begins with, and what the kernel wants for running it. */
struct head {
	char bytes[HEAD + 1];
	size_t length;
	char interpreter[HEAD + 1]; /* of a script, or the loader of a program; "": none */
};

static void
note_script(struct head *head)
{
	const char *name = head->bytes + 2 + strspn(head->bytes + 2, " \t");

	memcpy(head->interpreter, name, strcspn(name, " \t\n"));
}

/* The loader that a dynamic program of this machine's word size names. */
static void
note_loader(struct head *head, int file)
{
	ElfW(Ehdr) header;
	ElfW(Phdr) part;

	memcpy(&header, head->bytes, sizeof header);
	if (header.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    header.e_phentsize != sizeof part)
		return;
	for (size_t i = 0; i < header.e_phnum; i++) {
		if (pread(file, &part, sizeof part, (off_t)(header.e_phoff + i * sizeof part)) !=
		    (ssize_t)sizeof part)
			return;
		if (part.p_type == PT_INTERP && part.p_filesz <= HEAD) {
			(void)!pread(file, head->interpreter, part.p_filesz, (off_t)part.p_offset);
			return; /* not read: then it stays empty */
		}
	}
}

static bool
is_elf(const struct head *head)
{
	return memcmp(head->bytes, ELFMAG, SELFMAG) == 0;
}

/* A file that cannot be read gives an empty head. */
static struct head
head_of(const char *path)
{
	SCOPED(descriptor_close) int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct head head = { 0 };
	const ssize_t length = file < 0 ? -1 : pread(file, head.bytes, HEAD, 0);

	head.length = length > 0 ? (size_t)length : 0;
	if (strncmp(head.bytes, "#!", 2) == 0)
		note_script(&head);
	else if (head.length >= sizeof(ElfW(Ehdr)) && is_elf(&head))
		note_loader(&head, file);
	return head;
}

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static bool
explain_interpreter(const char *path, struct head *head, struct err *err)
{
	const size_t length = strlen(head->interpreter);

	if (length && head->interpreter[length - 1] == '\r') {
		head->interpreter[length - 1] = '\0';
		(void)err_set(
			err, FAULT_CANNOT_RUN,
			"%s: its first line ends with a carriage return, so that its interpreter "
			"would be \"%s\\r\"",
			path, head->interpreter);
		return err_hint(err,
		                "save it with Unix line ends (sed -i 's/\\r$//' %s; in "
		                ".gitattributes: *.sh text eol=lf)",
		                path);
	}
	if (*head->bytes == '#')
		return err_set(err, FAULT_CANNOT_RUN, "%s: its interpreter %s does not exist", path,
		               head->interpreter);
	(void)err_set(err, FAULT_CANNOT_RUN, "%s: its loader %s does not exist", path,
	              *head->interpreter ? head->interpreter : "(not known)");
	return err_hint(err,
	                "a program that was linked for glibc does not run in an image with musl "
	                "(Alpine), nor the other way round");
}

static bool
explain_denied(const char *path, const struct head *head, struct err *err)
{
	struct statvfs system;
	struct stat status;

	if (stat(path, &status) != 0)
		return err_set(err, FAULT_CANNOT_RUN, "%s: permission denied", path);
	if (S_ISDIR(status.st_mode))
		return err_set(err, FAULT_CANNOT_RUN, "%s is a directory", path);
	if (!S_ISREG(status.st_mode))
		return err_set(err, FAULT_CANNOT_RUN, "%s is not a regular file", path);
	if (!(status.st_mode & 0111)) {
		(void)err_set(err, FAULT_CANNOT_RUN, "%s is not executable", path);
		return err_hint(err, "chmod +x %s", path);
	}
	if (statvfs(path, &system) == 0 && system.f_flag & ST_NOEXEC)
		return err_set(err, FAULT_CANNOT_RUN, "%s lies on a file system mounted noexec",
		               path);
	if (*head->interpreter && access(path, X_OK) == 0)
		return err_set(err, FAULT_CANNOT_RUN, "%s: its interpreter %s may not be run", path,
		               head->interpreter);
	return err_set(err, FAULT_CANNOT_RUN,
	               "%s: permission denied (mode %04o, owner %u:%u, we are %u:%u)", path,
	               status.st_mode & 07777U, status.st_uid, status.st_gid, geteuid(), getegid());
}

/* Why execve, or what we know of it, failed with this for a file that exists. */
static bool
explain(const char *path, int error, struct err *err)
{
	struct head head = head_of(path);

	switch (error) {
	case ENOENT:
		return explain_interpreter(path, &head, err);
	case EACCES:
		return explain_denied(path, &head, err);
	case ENOEXEC:
		if (is_elf(&head))
			return err_set(err, FAULT_CANNOT_RUN,
			               "%s is built for another kind of machine", path);
		(void)err_set(err, FAULT_CANNOT_RUN,
		              "%s: neither a program nor a script with a #! line", path);
		return err_hint(err, "a script's first line names its interpreter: #!/bin/sh");
	default:
		errno = error;
		return err_errno(err, FAULT_CANNOT_RUN, "%s", path);
	}
}

/* A trial of a path gives 0, or what execve would give. */
typedef int trial(const char *path, const void *with);

/* Where a relative path was looked for. */
static bool
explain_missing(const char *path, struct err *err)
{
	char folder[4096];

	if (*path == '/' || !getcwd(folder, sizeof folder))
		return err_set(err, FAULT_NOT_FOUND, "%s does not exist", path);
	return err_set(err, FAULT_NOT_FOUND, "%s does not exist in %s", path, folder);
}

/*
 * Along PATH, until a trial succeeds; what exists but cannot be run is kept in mind. On the stack, since a child of vfork may
 * search, whose memory is its parent's. What is longer than the kernel takes cannot be there.
 */
static bool
search(const char *name, trial *trial_of, const void *with, struct err *err)
{
	const char *path = config_raw_variable("PATH"), *folder;
	char file[PATH_MAX], denied[PATH_MAX] = "";
	int why = 0;

	folder = path = path ? path : USUAL_PATH;
	for (;;) {
		const int length = (int)strcspn(folder, ":");
		const int needed = snprintf(file, sizeof file, "%.*s%s%s", length, folder,
		                            length ? "/" : "", name);
		const int error = needed < PATH_MAX ? trial_of(file, with) : ENAMETOOLONG;

		if (error == 0)
			return true;
		if (!*denied && error != ENOTDIR && error != ENAMETOOLONG && exists(file)) {
			memcpy(denied, file, sizeof denied);
			why = error;
		}
		if (!folder[length])
			break;
		folder += length + 1;
	}
	if (*denied)
		return explain(denied, why, err);
	return err_set(err, FAULT_NOT_FOUND, "%s is not in PATH (%s)", name, path);
}

static bool
find(const char *name, trial *trial_of, const void *with, struct err *err)
{
	int error;

	if (!*name)
		return err_set(err, FAULT_NOT_FOUND, "the program's name is empty");
	if (!strchr(name, '/'))
		return search(name, trial_of, with, err);
	error = trial_of(name, with);
	if (error == 0)
		return true;
	return exists(name) ? explain(name, error, err) : explain_missing(name, err);
}

/* Gives 0 where there is doubt. */
static int
judge(const char *path, const void *with)
{
	const bool by_another = *(const bool *)with;
	struct stat status;
	struct head head;

	if (stat(path, &status) != 0)
		return errno == ENOENT || errno == ENOTDIR ? errno : 0;
	if (!S_ISREG(status.st_mode) || !(status.st_mode & 0111))
		return EACCES;
	if (!by_another && access(path, X_OK) != 0)
		return errno;
	head = head_of(path);
	return *head.bytes == '#' && *head.interpreter && !exists(head.interpreter) ? ENOENT : 0;
}

bool
program_check(const char *name, bool by_another, struct err *err)
{
	return find(name, judge, &by_another, err);
}

char **
program_shell_words(char *const argv[], struct arena *arena)
{
	size_t count = 0;
	char **words;

	while (argv[count])
		count++;
	words = arena_alloc(arena, (count + 2) * sizeof *words);
	words[0] = arena_copy(arena, SHELL);
	words[1] = argv[0];
	for (size_t i = 1; i < count; i++)
		words[1 + i] = argv[i];
	return words;
}

/* What to execute. */
struct execution {
	char *const *argv;
	char **by_shell;
};

static int
execute(const char *path, const void *with)
{
	const struct execution *const execution = with;
	char file[PATH_MAX];
	struct head head;

	(void)execv(path, execution->argv); /* it came back, so it failed */
	if (errno != ENOEXEC || !execution->by_shell)
		return errno;
	head = head_of(path);
	if (is_elf(&head))
		return ENOEXEC; /* of another machine: no shell could read it */
	(void)snprintf(file, sizeof file, "%s", path); /* what is longer the kernel has refused */
	execution->by_shell[1] = file;
	(void)execv(SHELL, execution->by_shell); /* likewise */
	return ENOEXEC;
}

bool
program_execute(char *const argv[], char *by_shell[], struct err *err)
{
	const struct execution execution = { argv, by_shell };

	return find(argv[0], execute, &execution, err);
}
