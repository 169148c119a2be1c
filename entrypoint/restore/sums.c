/* See sums.h. */
#include "sums.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define OPENSSL_SUPPRESS_DEPRECATED /* as in script/read.c */
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "../arena.h"
#include "../err.h"
#include "../folder.h"
#include "../scoped.h"
#include "manifest.h"

/* Of a file with checksums; it may be one for a whole folder. */
#define LONGEST 65536

enum sort { SORT_SHA256, SORT_MANIFEST, SORT_MD5, SORT_COUNT };

static const struct {
	const char *end;
	size_t digits;
} sorts[SORT_COUNT] = { [SORT_SHA256] = { ".sha256", (size_t)2 * SHA256_DIGEST_LENGTH },
	                [SORT_MANIFEST] = { MANIFEST, (size_t)2 * SHA256_DIGEST_LENGTH },
	                [SORT_MD5] = { ".md5", (size_t)2 * MD5_DIGEST_LENGTH } };

struct sums {
	const char *path;              /* of the file itself */
	const char *paths[SORT_COUNT]; /* NULL: none beside */
	/* Hexadecimal, ending with NULL: of several folders, whose names are alike; any of them may be meant. */
	const char **said[SORT_COUNT];
	SHA256_CTX sha256;
	MD5_CTX md5;
};

/* The digits if the word is a checksum, else NULL. */
static const char *
digits_of(const char *word, size_t length, size_t digits, struct arena *arena)
{
	if (length != digits)
		return NULL;
	for (size_t i = 0; i < length; i++)
		if (!isxdigit((unsigned char)word[i]))
			return NULL;
	return arena_copy_n(arena, word, length);
}

/* coreutils write a backslash in front of a line in whose name they have escaped some. */
static void
unescape(char *name)
{
	char *to = name;

	for (; *name; name++) {
		if (*name == '\\' && name[1]) {
			name++;
			*to++ = *name == 'n' ? '\n' : *name == 'r' ? '\r' : *name;
		} else {
			*to++ = *name;
		}
	}
	*to = '\0';
}

/* "SHA256 (name) = HEX" of BSD, "SHA2-256(name)= HEX" of openssl. */
static const char *
read_tagged(char *line, size_t digits, const char **name, struct arena *arena)
{
	char *const open = strchr(line, '('), *const shut = strrchr(line, ')');
	const char *hex;

	if (!open || !shut || shut < open)
		return NULL;
	hex = shut + 1 + (shut[1] == ' ');
	if (strncmp(hex, "= ", 2) != 0)
		return NULL;
	*shut = '\0';
	*name = open + 1;
	return digits_of(hex + 2, strlen(hex + 2), digits, arena);
}

/* Those, "HEX  name", "HEX *name", "HEX"; NULL: none of these. *name is empty where there is none. */
static const char *
read_line(char *line, size_t digits, const char **name, struct arena *arena)
{
	const bool is_escaped = *line == '\\';
	char *const from = line + is_escaped;
	const size_t first = strcspn(from, " \t");
	const char *hex = digits_of(from, first, digits, arena);

	if (is_escaped)
		unescape(from + first);
	*name = hex ? from + first + strspn(from + first, " \t*") : "";
	return hex ? hex : read_tagged(from, digits, name, arena);
}

/* Behind a byte order mark and blanks, without what ends it. */
static char *
bare(char *line, bool is_first)
{
	if (is_first && strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	line += strspn(line, " \t");
	line[strcspn(line, "\r")] = '\0';
	return line;
}

static void
add_said(struct sums *sums, enum sort sort, size_t *count, const char *hex, struct arena *arena)
{
	sums->said[sort] = arena_grow(arena, sums->said[sort], *count, sizeof hex);
	sums->said[sort][(*count)++] = hex;
}

/*
 * The lines of our file; one alone may have another name, from before the file was renamed. In a manifest other lines stand
 * too, and perhaps none of it.
 */
static bool
find_line(struct sums *sums, enum sort sort, char *text, struct arena *arena, struct err *err)
{
	const bool is_manifest = sort == SORT_MANIFEST;
	const char *path = sums->paths[sort], *only = NULL, *name, *hex;
	size_t count = 0, number = 0, found = 0;
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		line = bare(line, number++ == 0);
		if (!*line || *line == '#')
			continue;
		hex = read_line(line, sorts[sort].digits, &name, arena);
		if (!hex && is_manifest)
			continue;
		if (!hex)
			return err_set(err, FAULT_WRONG, "%s:%zu: no checksum stands there", path,
			               number);
		only = hex;
		count++;
		if (strcmp(folder_base_name(name), folder_base_name(sums->path)) == 0)
			add_said(sums, sort, &found, hex, arena);
	}
	if (!found && count == 1 && !is_manifest)
		add_said(sums, sort, &found, only, arena);
	if (found)
		add_said(sums, sort, &found, NULL, arena);
	return found || is_manifest ||
	       err_set(err, FAULT_WRONG, "%s: no checksum of %s stands there", path,
	               folder_base_name(sums->path));
}

static bool
read_sort(struct sums *sums, enum sort sort, const char *path, struct arena *arena, struct err *err)
{
	SCOPED(descriptor_close) int file = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	ssize_t length;

	if (file < 0 && errno == ENOENT)
		return true;
	if (file < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	text = arena_alloc(arena, LONGEST + 1);
	length = read(file, text, LONGEST);
	if (length < 0)
		return err_errno(err, FAULT_NO_SOURCE, "%s", path);
	text[length] = '\0';
	sums->paths[sort] = path;
	return find_line(sums, sort, text, arena, err);
}

static bool
needs_sha256(const struct sums *sums)
{
	return sums->said[SORT_SHA256] || sums->said[SORT_MANIFEST];
}

bool
sums_open(struct sums **opened, const char *path, const char *manifest, struct arena *arena,
          struct err *err)
{
	struct sums *sums = arena_alloc(arena, sizeof *sums);

	sums->path = path;
	for (enum sort sort = 0; sort < SORT_COUNT; sort++)
		if (!read_sort(sums, sort,
		               sort == SORT_MANIFEST && manifest
		                       ? manifest
		                       : arena_join(arena, path, sorts[sort].end, ""),
		               arena, err))
			return false;
	SHA256_Init(&sums->sha256);
	MD5_Init(&sums->md5);
	*opened = needs_sha256(sums) || sums->said[SORT_MD5] ? sums : NULL;
	return true;
}

void
sums_add(struct sums *sums, const char *bytes, size_t length)
{
	if (sums && needs_sha256(sums))
		SHA256_Update(&sums->sha256, bytes, length);
	if (sums && sums->said[SORT_MD5])
		MD5_Update(&sums->md5, bytes, length);
}

static void
write_digits(char *hex, const unsigned char *digest, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		hex[i] = "0123456789abcdef"[i % 2 ? digest[i / 2] & 15 : digest[i / 2] >> 4];
	hex[digits] = '\0';
}

static bool
is_among(const char *hex, const char *const *said)
{
	while (*said && strcasecmp(hex, *said) != 0)
		said++;
	return *said;
}

bool
sums_compare(struct sums *sums, const char **path, struct err *err)
{
	unsigned char sha256[SHA256_DIGEST_LENGTH], md5[MD5_DIGEST_LENGTH];
	char hex[2 * SHA256_DIGEST_LENGTH + 1];

	*path = NULL;
	if (!sums)
		return true;
	SHA256_Final(sha256, &sums->sha256);
	MD5_Final(md5, &sums->md5);
	for (enum sort sort = 0; sort < SORT_COUNT; sort++) {
		if (!sums->said[sort])
			continue;
		write_digits(hex, sort == SORT_MD5 ? md5 : sha256, sorts[sort].digits);
		if (!is_among(hex, sums->said[sort]))
			return err_set(err, FAULT_WRONG, "%s: damaged: %s says %s, it is %s",
			               sums->path, sums->paths[sort], *sums->said[sort], hex);
		if (!*path)
			*path = sums->paths[sort];
	}
	return true;
}
