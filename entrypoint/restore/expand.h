/* `/backup/postgres_volume_*.tar.gz`, which the shell before `docker run` could not expand: there is no such folder on its side. */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct request;

/* A pattern among the operands that is the name of no file becomes the names that it matches, if any. */
bool expand_operands(struct request *request, struct arena *arena, struct err *err);
