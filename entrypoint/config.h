/*
 * The settings: one table, one row each (config/settings.c). A value comes from the first of: option,
 * ENTRYPOINT_ variable (or its _FILE), ini file, default. Only
 * config/environment.c knows the environment.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct mapping;
struct text;

struct names {
	const char **at;
	size_t count;
};

/* A folder of files that belongs to the database: `name:/path`, `name:/path:critical`. */
struct volume_setting {
	const char *name, *path;
	bool is_critical; /* empty beside a full database it is lost */
};

struct volume_settings {
	struct volume_setting *at;
	size_t count;
};

/* What is to be asked or done: words of a program to run, or else the text of a query. */
struct errand {
	const char *text; /* as set; NULL: nothing */
	char **words;     /* ends with NULL; NULL: a query */
};

enum on_empty { ON_EMPTY_DEFAULT, ON_EMPTY_INIT, ON_EMPTY_RESTORE, ON_EMPTY_FAIL };
enum transactions { TRANSACTIONS_AUTO, TRANSACTIONS_FILE, TRANSACTIONS_ALL };
enum policy { POLICY_ERROR, POLICY_WARN, POLICY_IGNORE };

/* Every setting, final value; const after config_read. Directories are NULL where there is none. */
struct config {
	const char *config_file; /* read already */
	const char *url;         /* raw, secret: as set, NULL: the environment says (target.h) */
	const char *admin_url;   /* raw, secret: NULL: as url */
	const char *url_from, *admin_url_from; /* what to call them in a message, or NULL */
	struct names only, skip;
	bool expect_schema;
	int64_t wait_timeout, wait_auth_grace; /* ms; wait_timeout 0: CLOCK_NEVER */
	struct names wait_for;                 /* tcp://host:port, file:/path */
	bool create_database;
	const char *initdb_dir, *migrations_dir, *seeds_dir, *checks_dir;
	struct errand migrate_command; /* always a program */
	struct errand migrate_command_check;
	const char *restore_from;
	int64_t restore_max_age; /* ms, CLOCK_NEVER: any */
	const char *restore_as;  /* raw, secret: a login; NULL: none */
	const char *backup_dir;
	bool backup_before_migrate;
	const char *schema;
	struct names foreign_schemas;
	const char *migrations_table; /* NAME or SCHEMA.NAME; NULL: the format's own */
	int migrations_format;        /* 0: auto, else 1 and the index in formats[] (format.h) */
	enum policy on_edited, on_missing, on_out_of_order;
	enum policy lint; /* POLICY_ERROR, POLICY_WARN; anything else is off */
	enum transactions migrations_transaction;
	const char *min_version;
	int64_t boot_lock_timeout; /* ms, CLOCK_NEVER: no limit */
	int64_t lock_timeout, lock_retry_for;
	const char
		*environment;   /* the canonical folder name: dev, test, staging, prod or another */
	enum on_empty on_empty; /* never the default */
	struct volume_settings volumes;
	const char *volume_owner; /* kept, or as account_find (account.h) takes it */
	const char *image;        /* a label for the ledger */
	const char *user;
	const struct mapping *signal_map, *exit_map; /* mapping.h */
	int64_t stop_timeout;                        /* ms */
	const char *phase_file;
	int64_t health_timeout; /* ms */
	bool scrub;
	bool init, signal_group;
	bool log_json;
	int log_level;              /* enum log_level */
	size_t restore_jobs;        /* at least 1 */
	const char *const *sources; /* for config_called; NULL: not known */
};

/* What the command line asks for besides settings. */
struct request {
	const char *command; /* a word of commands[] in main.c; "boot" when a program was given */
	char **operands; /* NULL-terminated: boot: the program with its arguments; else the command's */
	bool json;       /* --json */
	bool diff;       /* --diff */
	bool all;        /* --all */
	bool check;      /* --check */
	bool list;       /* --list */
	bool plan;       /* --plan */
	bool lint;       /* --lint, of restore */
	const char *parts;   /* --only=db,volume:NAME, of restore; NULL: all that is there */
	bool trusted;        /* --trusted, of restore */
	bool replace;        /* --replace, of restore */
	bool no_safety_copy; /* --no-safety-copy, with it */
	const char *pgdata; /* --pgdata[=DIRECTORY], of restore; "": without one; NULL: not given */
	const char *http;   /* --http=URL; NULL: not given */
	const char *tcp;    /* --tcp=HOST:PORT; NULL: not given */
	const char *server_version; /* --server-version=N; NULL: not given */
	const char *confirm;        /* --confirm=TEXT: what a person had to type; NULL: not given */
};

/* The words that main.c's tables know; both end with NULL. */
struct vocabulary {
	const char *const *commands; /* also those of two words: `migrate up` */
	const char *const *steps;    /* of boot: what ONLY and SKIP may name */
};

/*
 * Reads command line, environment and ini file. Unknown names, bad values, both of a pair of NAME
 * and NAME_FILE, unreadable files: FAULT_CONFIG with the source (file:line or variable) and the
 * nearest right name; a wrong command line is FAULT_USAGE. For help and version only the command
 * line is read, so that they work in any environment. Calls log_open as soon as log and log_level
 * are known; warnings are logged. Strings live in the arena or in argv.
 */
bool config_read(struct config *config, struct request *request, char **argv,
                 const struct vocabulary *vocabulary, struct arena *arena, struct err *err);

/*
 * A variable or the content of the file that NAME_FILE names, all trailing newlines removed (the
 * official postgres image's file_env; as there, an empty variable is as not set). Both set, or a
 * file that cannot be read: FAULT_CONFIG. Not set: true with *value NULL. *source, which may be
 * NULL, is what to call it in a message: NAME or NAME_FILE.
 */
bool config_variable(const char *name, const char **value, const char **source, struct arena *arena,
                     struct err *err);

/*
 * What `:'name'` in a script stands for: ENTRYPOINT_VAR_NAME (name in capitals) or its _FILE.
 * What may be a secret is blanked in everything that is printed from now on. Not set: FAULT_CONFIG, or true
 * with *value NULL where it may be missing.
 */
bool config_script_variable(const char *name, bool may_be_missing, const char **value,
                            struct arena *arena, struct err *err);

/*
 * May the value of this ENTRYPOINT_VAR_* be a secret? Yes, but for a short word of lower case or a number that does not come
 * from a file, under a name that has nothing of a password: to blank "false" or "orders" would spoil every message.
 */
bool config_hides(const char *variable, const char *value, const char *source);

/* The variables ENTRYPOINT_VAR_* that are set, by their names (without _FILE), each once. */
struct names config_script_variables(struct arena *arena);

/* How the settings call an environment (production is prod, sit is staging), or NULL for a word that is no known one. */
const char *config_environment(const char *word);

/* One that every project knows may have no seeds of its own; another without a folder of seeds_dir is a typo: FAULT_CONFIG. */
bool config_check_environment(const struct config *config, struct arena *arena, struct err *err);

/* A setting in a message: "seeds_dir (from ENTRYPOINT_SEEDS_DIR)", "seeds_dir" where it is the default. */
const char *config_called(const struct config *config, const char *key, struct arena *arena);

/* Do ONLY and SKIP leave this step of boot in? */
bool config_wants(const struct config *config, const char *step);

/* The settings as a Markdown table, for `help settings` and the README. */
void config_describe(struct text *page);

/*
 * Takes our variables out of the environment of the application: with scrub all ENTRYPOINT_*; a
 * DATABASE_URL_FILE becomes DATABASE_URL in any case.
 */
bool config_hand_over(const struct config *config, struct arena *arena, struct err *err);

/* A variable as it stands, for those that are the system's, such as PATH; NULL: not set. */
const char *config_raw_variable(const char *name);

/* Sets a variable of the programs that are run from now on. */
bool config_export(const char *name, const char *value, struct err *err);
