/* What one boot knows, and its steps: each a row of the table in main.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer;
struct arena;
struct checks;
struct config;
struct db;
struct err;
struct history;
struct identity;
struct migrations;
struct phase;
struct request;
struct seeds;
struct statement;
struct summary;
struct target;

/* What the server said of itself and of the database, in the look (look.c). */
struct facts {
	bool has_ledger;        /* our tables could be read */
	bool initdb_done;       /* the journal has a finished run of initdb.d */
	bool is_changing;       /* a run was cut off before it noted its result */
	bool owes_after;        /* a run was cut off, or failed, before after.sql */
	bool had_relations;     /* when the last migration was applied */
	bool relation_is_there; /* the one that was noted then */
	bool emptiness_is_known,
		is_empty;     /* asked only where it matters and is not clear without */
	bool is_refused_void; /* that it is empty has stopped the start */
	bool was_new;         /* before initdb.d filled it, and nothing else has */
	bool skips_snapshot;  /* the database is new, but the run is to end below its version */
	bool loads_snapshot;  /* the database is new, and there is a schema.sql for that */
	const char
		*baseline; /* where another tool had brought the database when we came, or NULL */
	const char
		*partial; /* the command that was cut off before the database was whole, or NULL */
	const char *restored; /* the backup that the database was made from, or NULL */
	bool seeds_missing;   /* a row or a script, or it could not be asked */
	bool checks_passed;   /* asked in the look, with nothing pending, and no row returned */
	bool command_is_done; /* by migrate_command_check, or because migrate_command has run */
	/* Those below are asked when something is due, over a socket, where admin_url is set, and in reports. */
	bool server_is_known;
	const char *started; /* its postmaster, as identity.h has it */
	bool is_standby;
	bool reads_only; /* a standby, or sessions are read only by default */
	bool is_denied; /* with the lock held: our tables are there, and our role may not write them */
	bool is_settled;                 /* listens somewhere, or has stood for a while */
	const struct identity *identity; /* where admin_url is set, else NULL */
	/* Beside the look the application's own login was tried, until then (clock.h; 0: it was not), and saw this; NULL: nothing. */
	int64_t glanced_at;
	const struct identity *application;
	bool application_was_refused; /* and that by the server */
};

/* What the work session is at, for those who wait for it (progress.h). */
struct work {
	const char *file;                  /* NULL: no file */
	const struct statement *statement; /* NULL: all of the file at once */
	size_t number, count;              /* of it, from 1 */
	int64_t since, tell_at;            /* clock.h: the file */
};

struct boot {
	const struct config *config;
	struct request *request;
	const char *
		last; /* the migration that is the last to be applied, as a person named it; NULL: all */
	struct arena *arena;   /* lives until the end */
	struct target *target; /* for our work: admin_url, or the application's */
	int64_t deadline;      /* of wait_timeout */
	/* What to do while the server is not there; the second time nothing is left to do. NULL: nothing. */
	bool (*meanwhile)(struct boot *boot, struct err *err);
	/* The application's own, once it was found; NULL: not yet, or it has none. */
	const struct target *own;
	bool glances;    /* its login is to be tried while the server is at the next look */
	struct db *db;   /* the work session; NULL before wait and after become */
	struct db *lock; /* the session that holds the boot lock; NULL: not held */
	struct facts facts;
	bool may_create;  /* create_database is for this command: it changes something, or waits */
	int takeovers;    /* how often another server has taken the place of one that was lost */
	bool has_changed; /* a step has run that changes the database */
	bool tells_times; /* a report or a judgement says when migrations were started: the look asks */
	struct work work;
	struct answer *ledger;         /* of the last look; the migrations' entries point into it */
	struct migrations *migrations; /* files, and what the ledger says of them */
	struct history
		*history; /* of another tool, whose files the migrations are; NULL: they are ours */
	struct seeds *seeds;
	struct checks *checks;
	struct phase *phase;     /* written at each step; NULL: this is no boot */
	struct summary *summary; /* likewise */
	const char *backup;      /* the file that backup_before_migrate has written; NULL: none */
};

/* The steps. Each is told once it is due (main.c). */
bool wait_find_target(struct boot *boot, struct err *err); /* for our work; no step yet */
bool wait_run(struct boot *boot, struct err *err);
/*
 * The session was closed, for this reason: another one, within what is left of wait_timeout. The reason is told when the
 * time is over and no attempt has taught more.
 */
bool wait_again(struct boot *boot, const struct err *reason, struct err *err);
bool look_run(struct boot *boot, struct err *err);
bool lock_run(struct boot *boot, struct err *err);
bool refill_run(struct boot *boot, struct err *err);
bool initdb_run(struct boot *boot, struct err *err);
bool initdb_proofread(struct boot *boot, struct err *err); /* its files, without running any */
bool migrate_run(struct boot *boot, struct err *err);
bool seed_run(struct boot *boot, struct err *err);
bool check_run(struct boot *boot, struct err *err);
bool become_run(struct boot *boot, struct err *err);
