/* SCOPED(closer) at a declaration: the closer runs when the variable leaves its block. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#define SCOPED(closer) __attribute__((cleanup(closer)))

static inline void
file_close(FILE **file)
{
	if (*file)
		(void)fclose(*file); /* read only, or flushed and checked before */
}

/* An empty descriptor is -1. */
static inline void
descriptor_close(const int *descriptor)
{
	if (*descriptor >= 0)
		(void)close(*descriptor); /* nothing is written through these unchecked */
}

static inline void
listing_close(DIR **listing)
{
	if (*listing)
		(void)closedir(*listing); /* read only */
}
