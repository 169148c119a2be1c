/* The bytes of a source as they come off the disk: counted, told of every few seconds, compared with the checksum beside it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct sums;

struct intake {
	int file;
	const char *path;
	struct sums *sums; /* NULL: none */
	int64_t size;      /* of all; 0: not known */
	int64_t taken;
	int64_t tell_at; /* clock.h */
	char piece[1 << 18];
};

/* A stream_pull (stream.h) of a struct intake. A noted signal ends it; FAULT_NO_SOURCE: it cannot be read. */
bool intake_pull(void *intake, const char **bytes, size_t *length, struct err *err);

/* What is told next lies so far ahead. */
void intake_begin(struct intake *intake);
