/* A tar or a zip on the disk, compressed or not, opened for its members (stream/members.h). */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct members;
struct reader;

struct tarball {
	int file;
	struct reader *reader;
	struct members *members;
};

/* FAULT_NO_SOURCE, or what reading it fails with. Reading tells every few seconds how far it is. Owner: tarball_close. */
bool tarball_open(struct tarball *tarball, const char *path, struct arena *arena, struct err *err);

/* After failure too. */
void tarball_close(struct tarball *tarball);
