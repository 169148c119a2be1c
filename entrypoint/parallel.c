/* See parallel.h. */
#include "parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"

/* With fewer a thread costs more than it saves. */
#define MANY ((size_t)256)
#define MOST_THREADS 4
/* Taken at once, so that threads seldom meet. */
#define PORTION ((size_t)32)
/* musl's own default is too small for what reads files: bytes. */
#define STACK ((size_t)1 << 20)

/* What the threads share. */
struct work {
	parallel_one *one;
	void *of;
	size_t count;
	atomic_size_t next; /* nobody has taken it yet; at or above count: the end, or one failed */
};

/* Of one thread. */
struct worker {
	struct work *work;
	pthread_t thread;
	bool is_running;
	struct arena arena;
	struct err err;
	size_t failed_at; /* work->count: nothing failed */
};

/*
 * Portions are taken in order, and each is done up to its first failure. So when one fails, all before it are being done by
 * somebody, and the lowest failure is found.
 */
static void *
run(void *of)
{
	struct worker *worker = of;
	struct work *work = worker->work;

	for (;;) {
		const size_t from = atomic_fetch_add(&work->next, PORTION);

		for (size_t i = from; i < from + PORTION; i++) {
			if (i >= work->count)
				return NULL;
			if (work->one(work->of, i, &worker->arena, &worker->err))
				continue;
			worker->failed_at = i;
			atomic_store(&work->next, work->count);
			return NULL;
		}
	}
}

static size_t
thread_count(size_t count)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (count < MANY || cores < 1)
		return 1;
	return cores < MOST_THREADS ? (size_t)cores : MOST_THREADS;
}

/* The first worker is this thread. Where no thread is to be had, those that are do it all. */
static void
run_all(struct worker *workers, size_t count)
{
	pthread_attr_t attributes;

	if (count > 1 && pthread_attr_init(&attributes) == 0) {
		(void)pthread_attr_setstacksize(&attributes, STACK); /* it is a legal one */
		/* They inherit our mask: signals that are handled are handled here. */
		for (size_t i = 1; i < count; i++)
			workers[i].is_running = pthread_create(&workers[i].thread, &attributes, run,
			                                       &workers[i]) == 0;
		(void)pthread_attr_destroy(&attributes);
	}
	(void)run(&workers[0]);
	for (size_t i = 1; i < count; i++)
		if (workers[i].is_running)
			(void)pthread_join(workers[i].thread, NULL); /* its own, and once */
}

bool
parallel_all(size_t count, parallel_one *one, void *of, struct arena *arena, struct err *err)
{
	struct work work = { .one = one, .of = of, .count = count };
	const size_t threads = thread_count(count);
	struct worker *workers = arena_alloc(arena, threads * sizeof *workers);
	size_t lowest = 0;

	for (size_t i = 0; i < threads; i++)
		workers[i] = (struct worker){ .work = &work, .failed_at = count };
	/* Alone it goes on where we stand in memory. */
	workers[0].arena = *arena;
	*arena = (struct arena){ 0 };
	run_all(workers, threads);
	for (size_t i = 0; i < threads; i++) {
		if (workers[i].failed_at < workers[lowest].failed_at)
			lowest = i;
		arena_adopt(arena, &workers[i].arena);
	}
	if (workers[lowest].failed_at == count)
		return true;
	*err = workers[lowest].err;
	return false;
}
