/* Inside of policy.h: the conditions of its rules. Each is asked only when the words of its rule fit. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct grounds;
struct item;
struct judge;

struct dropped {
	const char *kind, *name;
	const struct dropped *next;
};

struct made {
	const char *name;
	const struct made *next;
};

struct judge {
	const struct grounds *grounds;
	struct arena *arena; /* of what it remembers */
	const struct dropped *dropped;
	const struct made *methods; /* for access, which the dump makes */
	bool brings_methods;        /* it makes an extension that may have some */
	char kept[256];             /* "INSERT INTO schema.table " of the last one that was kept */
	size_t kept_length;         /* 0: none was */
	bool has_created; /* from here on nothing is cleared away: --clean does that first */
};

/* One statement under judgement. */
struct judging {
	struct judge *judge;
	const struct item *item;
	const char *what; /* of the rule */
	const char *name; /* NAME of the rule, as the server would store it; "" if there is none */
	const char *name_at; /* where it stands */
	size_t name_length;
	const char *rest; /* behind the words of the rule */
	struct arena *arena;
	const char *object; /* set by a condition: what to name instead of name */
	const char *sql;    /* set by a condition: what to send instead */
};

typedef bool judging_holds(struct judging *judging);

judging_holds judging_plain_user;         /* the session is no superuser's */
judging_holds judging_unsafe_encoding;    /* of client_encoding: what only clients have */
judging_holds judging_missing_tablespace; /* SET x = NAME */
judging_holds
	judging_forbidden_method;     /* NAME, made by a plain user; else it is there from now on */
judging_holds judging_missing_method; /* SET x = NAME */
judging_holds judging_missing_setting;
judging_holds judging_forbidden_setting; /* of ALTER DATABASE ... SET */
judging_holds judging_missing_role;      /* NAME */
judging_holds judging_missing_grantee;   /* TO or FROM roles of which one is missing */
judging_holds judging_membership;        /* GRANT role TO role */
judging_holds
	judging_system_object; /* the first qualified name is pg_catalog's, for a plain user */
judging_holds judging_foreign_schema; /* public is not the session user's */
judging_holds judging_foreign;        /* it lies in one of foreign_schemas that is there */
judging_holds judging_is_foreign;     /* NAME is such a schema */
judging_holds judging_exists;         /* NAME is there, and stays */
judging_holds judging_replaces;       /* likewise, a function */
judging_holds judging_owner;          /* ... OWNER TO x */
judging_holds judging_ours;           /* our schema, or in it */
judging_holds judging_our_rows;       /* into migration or seed of our schema; maps */
judging_holds judging_renamed;        /* NAME is the database: maps to the name it has here */
judging_holds judging_successor;      /* the database is to take the place of another */
judging_holds judging_clearing;       /* nothing was created yet */
judging_holds judging_label;          /* maps: a provider that is not loaded is a warning */
judging_holds judging_installed_language;
judging_holds judging_missing_extension;
judging_holds judging_forbidden_extension;
judging_holds judging_missing_wrapper;  /* the next name: was dropped, also by its extension */
judging_holds judging_dropped;          /* NAME was dropped as something that `what` speaks of */
judging_holds judging_foreign_defaults; /* NAME is another role */
judging_holds judging_old_server;       /* before 18: no statistics functions */
judging_holds judging_alone;            /* cannot run in a transaction */
