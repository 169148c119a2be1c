/* See kind.h. */
#include "kind.h"

#include <string.h>
#include <strings.h>

#include "../folder.h"
#include "../stream.h"
#include "../stream/members.h"

static const struct {
	const char *words, *advice;
} kinds[] = {
	[KIND_EMPTY] = { "empty", "whatever wrote it has failed: look for an older one" },
	[KIND_DUMP] = { "a dump in plain SQL", NULL },
	[KIND_CLUSTER] = { "a dump of a whole cluster in plain SQL (pg_dumpall)", NULL },
	[KIND_TEXT] = { "text, but no dump: it does not begin as pg_dump's begin",
	                "a script is run with psql, or stands among the migrations" },
	[KIND_CUSTOM] = { "a custom archive of pg_dump (-Fc)", NULL },
	[KIND_DIRECTORY] = { "a directory archive of pg_dump (-Fd)", NULL },
	[KIND_PARTS] = { "a tar archive of pg_dump (-Ft)", NULL },
	[KIND_TOC] = { "the table of contents of a directory or tar archive, without its data",
	               "name the folder that it lies in" },
	[KIND_TAR] = { "a tar", NULL },
	[KIND_ZIP] = { "a zip", NULL },
	[KIND_BUNDLE] = { "a bundle that holds a dump", NULL },
	[KIND_VOLUME] = { "an archive of files (a volume)", NULL },
	[KIND_PGDATA] = { "an archive of a server's data directory", NULL },
	[KIND_GPG] = { "encrypted with gpg",
	               "gpg --decrypt FILE | pg-entrypoint restore -; or restore --check -" },
	[KIND_AGE] = { "encrypted with age",
	               "age --decrypt -i KEY FILE | pg-entrypoint restore -; or restore --check -" },
	[KIND_OPENSSL] = { "encrypted with openssl",
	                   "openssl enc -d -pbkdf2 -CIPHER -in FILE | pg-entrypoint restore -; or "
	                   "restore --check -" },
	[KIND_UTF16] = { "UTF-16, as PowerShell's > writes it: pg_dump's own bytes are lost in it",
	                 "iconv -f UTF-16 -t UTF-8 FILE > NEW mends it where only the encoding "
	                 "was changed; the next one with pg_dump --file=NAME" },
	[KIND_MYSQL] = { "a dump of MySQL or MariaDB", NULL },
	[KIND_SQLITE] = { "a database of SQLite", NULL },
	[KIND_BINARY] = { "nothing that is known: neither a dump, nor an archive, nor compressed",
	                  "looked for: plain SQL of pg_dump and pg_dumpall; its custom, directory "
	                  "and tar archives; tar, zip; gzip, zstd, xz, bzip2, lz4" },
};

const char *
kind_words(enum kind kind)
{
	return kinds[kind].words;
}

const char *
kind_advice(enum kind kind)
{
	return kinds[kind].advice;
}

bool
kind_is_dump(enum kind kind)
{
	return kind == KIND_DUMP || kind == KIND_CLUSTER || kind == KIND_CUSTOM ||
	       kind == KIND_DIRECTORY || kind == KIND_PARTS;
}

bool
kind_is_container(enum kind kind)
{
	return kind == KIND_TAR || kind == KIND_ZIP;
}

static bool
begins(const char *text, size_t length, const char *with)
{
	const size_t size = strlen(with);

	return length >= size && memcmp(text, with, size) == 0;
}

/* RFC 9580, 4.2: what an encrypted message begins with is a session key, for a public key (version 3) or a password (4). */
static bool
is_gpg(const char *head, size_t length)
{
	const unsigned char *at = (const unsigned char *)head;
	const unsigned tag = length < 4 || !(at[0] & 0x80) ? 0
	                   : at[0] & 0x40                  ? at[0] & 0x3f
	                                                   : (at[0] >> 2) & 0x0f;
	const size_t version = length >= 4 && !(at[0] & 0x40) ? 1 + ((size_t)1 << (at[0] & 3))
	                     : length >= 4 && at[1] >= 192    ? 3
	                                                      : 2;

	return begins(head, length, "-----BEGIN PGP MESSAGE-----") ||
	       (version < length && ((tag == 1 && at[version] == 3) ||
	                             (tag == 3 && (at[version] == 4 || at[version] == 5))));
}

/* psql and editors on Windows: one of two bytes is NUL where a text is English. */
static bool
is_utf16(const char *head, size_t length)
{
	return begins(head, length, "\xff\xfe") || begins(head, length, "\xfe\xff") ||
	       (length >= 4 && (memcmp(head, "-\0-\0", 4) == 0 || memcmp(head, "\0-\0-", 4) == 0));
}

static bool
line_is(const char *line, size_t length, const char *text)
{
	if (length && line[length - 1] == '\r')
		length--;
	return length == strlen(text) && memcmp(line, text, length) == 0;
}

/* pg_dump's first lines; in front of them only comments, empty lines and \restrict. */
static enum kind
kind_of_text(const char *head, size_t length)
{
	const char *const end = head + length;
	const char *line = head, *next;

	if (begins(head, length, "\xef\xbb\xbf"))
		line += 3;
	for (; line < end; line = next) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		const size_t size = (size_t)((newline ? newline : end) - line);

		next = newline ? newline + 1 : end;
		if (line_is(line, size, "-- PostgreSQL database dump"))
			return KIND_DUMP;
		if (line_is(line, size, "-- PostgreSQL database cluster dump"))
			return KIND_CLUSTER;
		if (begins(line, size, "-- MySQL dump") || begins(line, size, "-- MariaDB dump") ||
		    begins(line, size, "/*M!") || begins(line, size, "/*!40"))
			return KIND_MYSQL;
		if (size && !line_is(line, size, "") && !begins(line, size, "--") &&
		    !begins(line, size, "\\restrict "))
			break;
	}
	return KIND_TEXT;
}

enum kind
kind_of(const char *head, size_t length)
{
	if (length == 0)
		return KIND_EMPTY;
	if (begins(head, length, "PGDMP"))
		/* Its format byte stands behind magic, version and two sizes. */
		return length > 10 && head[10] != 1 ? KIND_TOC : KIND_CUSTOM;
	if (members_is_tar(head, length))
		return KIND_TAR;
	if (members_is_zip(head, length))
		return KIND_ZIP;
	if (is_gpg(head, length))
		return KIND_GPG;
	if (begins(head, length, "age-encryption.org/") ||
	    begins(head, length, "-----BEGIN AGE ENCRYPTED FILE-----"))
		return KIND_AGE;
	if (begins(head, length, "Salted__") || begins(head, length, "U2FsdGVkX1"))
		return KIND_OPENSSL;
	if (begins(head, length, "SQLite format 3"))
		return KIND_SQLITE;
	if (is_utf16(head, length))
		return KIND_UTF16;
	/* Behind the beginning NUL bytes are damage, and told with their place. */
	return memchr(head, '\0', length < 512 ? length : 512) ? KIND_BINARY
	                                                       : kind_of_text(head, length);
}

static bool
ends_in(const char *name, const char *const *ends)
{
	const size_t length = strlen(name);

	for (; *ends; ends++)
		if (length > strlen(*ends) && strcasecmp(name + length - strlen(*ends), *ends) == 0)
			return true;
	return false;
}

/* 3381.dat, blob_16400.dat, blobs_3.toc, blobs.toc, restore.sql; with .gz, .lz4 or .zst behind. */
static bool
is_part(const char *name)
{
	static const char *const ends[] = { ".dat", ".dat.gz", ".dat.lz4", ".dat.zst", NULL };
	const char *at = begins(name, strlen(name), "blob_") ? name + 5 : name;
	const size_t digits = strspn(at, "0123456789");

	return (digits && strchr(at, '.') == at + digits && ends_in(name, ends)) ||
	       strcmp(name, "restore.sql") == 0 || strcmp(name, "blobs.toc") == 0 ||
	       (begins(name, strlen(name), "blobs_") && strstr(name, ".toc"));
}

enum role
kind_role(const char *name)
{
	static const char *const backups[] = { ".sql",   ".dump",   ".pgdump", ".backup", ".bak",
		                               ".pgsql", ".custom", ".psql",   ".tar",    ".tgz",
		                               ".tbz2",  ".txz",    ".zip",    ".gz",     ".zst",
		                               ".xz",    ".bz2",    ".lz4",    ".gpg",    ".age",
		                               ".enc",   NULL };
	static const char *const notes[] = { ".json", ".sha256", ".md5",  ".sha1", ".txt", ".md",
		                             ".log",  ".yml",    ".yaml", ".ini",  NULL };
	const char *base, *folder;

	while (begins(name, strlen(name), "./"))
		name += 2;
	base = folder_base_name(name);
	folder = strchr(name, '/');
	if (strcmp(base, "PG_VERSION") == 0 && !(folder && strstr(name, "base/")))
		return ROLE_VERSION;
	if (ends_in(name, (const char *const[]){ "/global/pg_control", NULL }) ||
	    strcmp(name, "global/pg_control") == 0)
		return ROLE_CONTROL;
	if (folder && strchr(folder + 1, '/'))
		return ROLE_OTHER;
	if (strcmp(base, "toc.dat") == 0 || begins(base, strlen(base), "toc.dat."))
		return ROLE_TOC;
	if (is_part(base))
		return ROLE_PART;
	return ends_in(base, backups) ? ROLE_BACKUP : ends_in(base, notes) ? ROLE_NOTE : ROLE_OTHER;
}

size_t
kind_front(const char *first, bool is_folder)
{
	size_t length = strlen(first);

	if (!is_folder && kind_role(folder_base_name(first)) != ROLE_BACKUP)
		return 0;
	while (is_folder && length && first[length - 1] == '/')
		length--;
	while (length && first[length - 1] != '/')
		length--;
	return length;
}

enum role
kind_role_behind(const char *name, const char *front)
{
	return kind_role(begins(name, strlen(name), front) ? name + strlen(front) : name);
}

bool
kind_is_named_dump(const char *name)
{
	static const char *const words[] = {
		"backup", "dump", "db", "database", "postgres", "pg_"
	};
	static const char *const volumes[] = { ".tar", ".tar.", ".tgz", ".zip", "media", "static" };
	const char *base = folder_base_name(name);

	for (size_t i = 0; i < sizeof volumes / sizeof *volumes; i++)
		if (strcasestr(base, volumes[i]))
			return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(base, words[i]))
			return true;
	return false;
}

/*
 * A dump that somebody uploaded lies in a volume among other files; that of a bundle says so with its name, or has only its like
 * beside it.
 */
enum kind
kind_of_members(const struct members_seen *seen)
{
	if (seen->has_version && seen->has_control)
		return KIND_PGDATA;
	if (seen->has_toc)
		return KIND_PARTS;
	if (seen->named_dumps || (seen->dumps && !seen->others))
		return KIND_BUNDLE;
	return KIND_VOLUME;
}
