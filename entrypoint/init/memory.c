/* See memory.h. */
#include "memory.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* From the linker: between them lie code and constants, which nobody writes to. */
extern const char __ehdr_start[], __init_array_start[];

void
memory_give_back(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const uintptr_t from = (uintptr_t)__ehdr_start & ~(page - 1);
	const uintptr_t to = (uintptr_t)__init_array_start & ~(page - 1);

	(void)madvise((void *)from, to - from, MADV_DONTNEED); /* or they stay */
}
