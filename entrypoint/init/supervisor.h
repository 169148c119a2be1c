/*
 * Process 1, or what stands in for it: one child, which gets the signals that we get, and everybody's orphans.
 * What differs between init mode, tini and dumb-init are members here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct mapping;

/* What is told, with what the two numbers are. */
enum event {
	EVENT_DETACHED,  /* 0, errno or 0: our terminal is no longer ours */
	EVENT_TERMINAL,  /* 0, errno or 0: it is the child's */
	EVENT_STARTED,   /* pid */
	EVENT_RECEIVED,  /* signal */
	EVENT_CHANGED,   /* signal, what it is passed on as */
	EVENT_SENT,      /* signal, errno or 0 */
	EVENT_KEPT,      /* signal: changed to none */
	EVENT_SKIPPED,   /* signal: of the terminal, once */
	EVENT_SUSPENDED, /* none: we stop ourselves */
	EVENT_REAPED,    /* pid, status as of waitpid */
	EVENT_IDLE,      /* are there children left? (0 or 1) */
	EVENT_ENDED,     /* of the child: pid, status */
	EVENT_LEFT,      /* exit code: the last one */
};

struct supervisor;
typedef void supervisor_teller(const struct supervisor *supervisor, enum event event, int first,
                               int second);

enum home {
	HOME_GROUP, /* the child gets a process group, and the terminal's foreground if we have it */
	HOME_SESSION, /* a session, and our terminal with it */
	HOME_OURS,    /* it stays in our group */
};

struct supervisor {
	char *const *program; /* ends with NULL */
	enum home home;
	bool is_fresh;      /* the child begins with no signal blocked or ignored */
	bool dies_with_us;  /* the child is killed when we are, unless the kernel does it anyway */
	bool to_group;      /* signals go to the child's process group */
	bool takes_texts;   /* a program without a #! line is run by /bin/sh */
	bool goes_to_root;  /* our working directory becomes / */
	bool closes_others; /* we keep no descriptor but 0 to 2 */
	bool follows_stops; /* where the terminal stops the child, we stop too, for the shell to see */
	bool drains;        /* the child's exit is not the end: first the rest of the tree ends */
	bool maps_only_sent;  /* 128 + n is mapped only where n was passed on */
	int farewell;         /* the signal to what the child has left, before we end; 0: none */
	int64_t stop_timeout; /* ms, for what is drained */
	uint64_t from_people; /* signals (as bits) that count only if a process has sent them */
	uint64_t suspends;    /* and those that stop us too, when they are passed on */
	const struct mapping *signals, *codes;
	supervisor_teller *tell;

	/* From here on supervisor.c's. */
	pid_t child;
	int terminal; /* our controlling one, whose foreground we give to the child, or -1 */
	bool has_ended, is_killing;
	int code;
	uint64_t sent;      /* all that were passed on */
	uint64_t skip_once; /* the next one of each of these is not passed on */
	int64_t deadline;   /* clock.h */
};

/* The bit of a signal in the sets above. */
static inline uint64_t
supervisor_bit(int signal)
{
	return (uint64_t)1 << (signal - 1);
}

/*
 * Starts the child and serves it until it has ended (and what it has left, too): true, and *code is what to
 * exit with. False: the program cannot be run, or FAULT_SYSTEM. Comes after signals_open_init.
 */
bool supervisor_run(struct supervisor *supervisor, int *code, struct err *err);
