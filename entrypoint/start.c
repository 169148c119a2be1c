/*
 * The first instructions of the release binary (the Makefile's -e), before those of the C library, which begin by
 * relocating some ninety pages of constants. Each would be a page fault of its own, together a tenth of a start that
 * has nothing to do; madvise(MADV_POPULATE_WRITE) gets them in one system call, and with them the pool of arena.c.
 * A kernel before 5.14 refuses it, and then all is as ever.
 */
#include <elf.h>
#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN extern size_t _DYNAMIC[]; /* by the linker, as the next */
HIDDEN extern const char __ehdr_start[];
HIDDEN void start_relocate(void);

/*
 * And relocates them (DT_RELR). The C library asks of each word whether it is a pointer, a question that a processor guesses
 * wrong as often as right, for some 50,000 words; here only the pointers are visited. It then finds nothing left to do. There
 * is no stack protector yet.
 */
__attribute__((used, no_stack_protector)) void
start_relocate(void)
{
	const size_t base = (size_t)__ehdr_start;
	const size_t *next = NULL;
	size_t *bytes = NULL, *at = _DYNAMIC; /* the first is an address */

	for (size_t *entry = _DYNAMIC; *entry != DT_NULL; entry += 2) {
		if (*entry == DT_RELR)
			next = (const size_t *)(base + entry[1]);
		else if (*entry == DT_RELRSZ)
			bytes = &entry[1];
	}
	if (!next || !bytes)
		return;
	/* An even one is an address; else each bit is one of the words behind the last. */
	for (size_t count = *bytes / sizeof *next; count; count--, next++) {
		if (!(*next & 1)) {
			at = (size_t *)(base + *next);
			*at++ += base;
			continue;
		}
		for (size_t bits = *next >> 1; bits; bits &= bits - 1)
			at[__builtin_ctzl(bits)] += base;
		at += 8 * sizeof *next - 1;
	}
	*bytes = 0;
}

/* Linux: MADV_POPULATE_WRITE is 23 (asm-generic/mman-common.h); the length need not be a multiple of a page. */
#if defined(__x86_64__)
__asm__(".text\n"
        ".globl start_populated\n"
        ".type start_populated, @function\n"
        "start_populated:\n"
        "	lea __init_array_start(%rip), %rdi\n"
        "	and $-4096, %rdi\n"
        "	lea _end(%rip), %rsi\n"
        "	sub %rdi, %rsi\n"
        "	mov $23, %edx\n"
        "	mov $28, %eax\n" /* __NR_madvise */
        "	syscall\n"
        "	call start_relocate\n"
        "	xor %edx, %edx\n" /* as the kernel had it: nothing to call at exit */
        "	jmp _start\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl start_populated\n"
        ".type start_populated, %function\n"
        "start_populated:\n"
        "	adrp x0, __init_array_start\n"
        "	adrp x1, _end\n"
        "	add x1, x1, :lo12:_end\n"
        "	sub x1, x1, x0\n"
        "	mov x2, #23\n"
        "	mov x8, #233\n" /* __NR_madvise */
        "	svc #0\n"
        "	bl start_relocate\n"
        "	mov x0, #0\n"
        "	b _start\n");
#endif
