/* What a source is, by its content. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum kind {
	KIND_EMPTY,
	KIND_DUMP,    /* pg_dump's plain SQL */
	KIND_CLUSTER, /* pg_dumpall's */
	KIND_TEXT,    /* no dump */
	KIND_CUSTOM,  /* pg_dump -Fc */
	KIND_DIRECTORY,
	KIND_PARTS,  /* pg_dump -Ft, or a directory archive in a tar or a zip */
	KIND_TOC,    /* toc.dat by itself */
	KIND_TAR,    /* of something: its members tell, see kind_of_members */
	KIND_ZIP,    /* likewise */
	KIND_BUNDLE, /* a dump, with archives of volumes or without */
	KIND_VOLUME, /* files */
	KIND_PGDATA, /* the data directory of a server */
	KIND_GPG,
	KIND_AGE,
	KIND_OPENSSL,
	KIND_UTF16,
	KIND_MYSQL,
	KIND_SQLITE,
	KIND_BINARY, /* none of these */
};

/* By the first bytes, 64 KB or all there are, with all compressions taken off. Pure. */
enum kind kind_of(const char *head, size_t length);

/* Is it a database's backup? Can it hold members? Pure. */
bool kind_is_dump(enum kind kind);
bool kind_is_container(enum kind kind);

/* "a dump in plain SQL", for "it is ..." */
const char *kind_words(enum kind kind);

/* What can be done with one that cannot be restored, or NULL. */
const char *kind_advice(enum kind kind);

/* A member of a tar or zip, by its name only. */
enum role {
	ROLE_OTHER,
	ROLE_TOC,     /* toc.dat of pg_dump */
	ROLE_PART,    /* 3381.dat.gz, blob_16400.dat, blobs_3.toc, restore.sql beside it */
	ROLE_BACKUP,  /* might be a dump or an archive: .sql, .dump, .tar.gz ... */
	ROLE_NOTE,    /* a manifest, a checksum: .json, .sha256 ... */
	ROLE_VERSION, /* PG_VERSION */
	ROLE_CONTROL, /* global/pg_control */
};

/* Those of a backup lie at the top or in one folder. Pure. */
enum role kind_role(const char *name);

/*
 * How much of the names stands in front in an archive that was made with a whole path, by its first member: "var/backups/" of the folder
 * "var/backups/app/" and of the backup "var/backups/db.sql"; 0 of other files. Then: the role of a name that may begin like this. Pure.
 */
size_t kind_front(const char *first, bool is_folder);
enum role kind_role_behind(const char *name, const char *front);

/* Of a role that is ROLE_BACKUP: does the name say that it is of a database? Pure. */
bool kind_is_named_dump(const char *name);

/* How many files of each sort a container has. */
struct members_seen {
	size_t dumps, named_dumps, archives, notes, others;
	bool has_toc, has_version, has_control;
};

/* What a container is of. Pure. */
enum kind kind_of_members(const struct members_seen *seen);
