/* See glance.h. */
#include "glance.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../ending.h"
#include "../scoped.h"

#define HEAD 64

/* What a file begins with, and for some of them what it must end with. */
static const struct form {
	const char *head;
	size_t head_length;
	const char *tail;
	size_t tail_length;
} forms[] = {
	{ "\x1f\x8b", 2, NULL, 0 },         /* gzip */
	{ "\x28\xb5\x2f\xfd", 4, NULL, 0 }, /* zstd */
	{ "\xfd"
	  "7zXZ",
	  5, "YZ", 2 },                     /* xz: xz-file-format.txt, 2.1.2.4 */
	{ "BZh", 3, NULL, 0 },              /* bzip2 */
	{ "\x04\x22\x4d\x18", 4, NULL, 0 }, /* lz4 */
	{ "PGDMP", 5, NULL, 0 },            /* pg_dump -Fc */
	{ "PK", 2, NULL, 0 },               /* zip */
	{ "age-encryption.org/", 19, NULL, 0 },
	{ "\x85", 1, NULL, 0 }, /* gpg, for a key */
	{ "\x8c", 1, NULL, 0 }, /* gpg, for a passphrase */
};

static const struct form *
form_of(const char *head, size_t length)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (length >= forms[i].head_length &&
		    memcmp(head, forms[i].head, forms[i].head_length) == 0)
			return &forms[i];
	return NULL;
}

/* Two blocks of zeroes (POSIX pax, "ustar Interchange Format"). */
static const char *
tar_words(const struct ending *ending)
{
	for (size_t i = 0; i < ending->length; i++)
		if (ending->at[i])
			return "cut off";
	return "?";
}

static bool
has(const struct ending *ending, const char *text)
{
	return memmem(ending->at, ending->length, text, strlen(text)) != NULL;
}

static const char *
judge(const char *head, size_t head_length, const struct ending *ending)
{
	const struct form *form = form_of(head, head_length);

	if (form && form->tail &&
	    (ending->length < form->tail_length ||
	     memcmp(ending->at + ending->length - form->tail_length, form->tail,
	            form->tail_length) != 0))
		return "cut off";
	if (form)
		return "?";
	if (ending_is_whole(ending) ||
	    has(ending, "\n-- PostgreSQL database cluster dump complete\n"))
		return "yes";
	return has(ending, "dump complete\r\n") ? "?" : "no end mark";
}

const char *
glance_words(int folder, const char *name)
{
	SCOPED(descriptor_close)
	int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct ending ending = { 0 };
	char head[HEAD + 512], tail[sizeof ending.at];
	struct stat status;
	ssize_t length, rest;

	if (file < 0 || fstat(file, &status) != 0)
		return "unreadable";
	if (S_ISDIR(status.st_mode))
		return "?";
	if (status.st_size == 0)
		return "empty";
	length = pread(file, head, sizeof head, 0);
	rest = pread(file, tail, sizeof tail,
	             status.st_size > (off_t)sizeof tail ? status.st_size - (off_t)sizeof tail : 0);
	if (length < 0 || rest < 0)
		return "unreadable";
	ending_add(&ending, tail, (size_t)rest);
	if (length >= 262 && memcmp(head + 257, "ustar", 5) == 0)
		return tar_words(&ending);
	return judge(head, (size_t)length, &ending);
}
