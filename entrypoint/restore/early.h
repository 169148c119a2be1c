/*
 * The order in which an archive is restored best with several sessions: the tables whose indexes take longest first, each with its
 * indexes right behind its rows, so that they are made while the rows of the others come. Pure.
 */
#pragma once

struct arena;
struct toc;

/*
 * As pg_restore --use-list takes it: every entry, moved are only data of tables, and their indexes and constraints that are indexes,
 * but for those that call functions of the dump. NULL: nothing would be gained, or the data have an order of their own. In the
 * arena. The sizes of the data are known (archive.h, parts.h).
 */
const char *early_list(const struct toc *toc, struct arena *arena);
