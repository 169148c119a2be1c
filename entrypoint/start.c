/*
 * The first instructions of the release binary (the Makefile's -e), before those of the C library, which begin by
 * relocating some ninety pages of constants. Each would be a page fault of its own, together a tenth of a start that
 * has nothing to do; madvise(MADV_POPULATE_WRITE) gets them in one system call, and with them the pool of arena.c, of
 * which an init needs little. A kernel before 5.14 refuses it, and then all is as ever.
 */
#include <elf.h>
#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN extern size_t _DYNAMIC[]; /* by the linker, as the next */
HIDDEN extern const char __ehdr_start[];
HIDDEN extern char __init_array_start[], _edata[], _end[];
HIDDEN void start_first(const size_t *stack);

/* asm-generic/mman-common.h */
#define MADV_POPULATE_WRITE 23
#define PAGE 4096

/* The length need not be a multiple of a page. */
static void
populate(const char *from, const char *to)
{
	const size_t first = (size_t)from & ~(size_t)(PAGE - 1);
#if defined(__x86_64__)
	size_t call = 28; /* __NR_madvise */

	__asm__ volatile("syscall"
	                 : "+a"(call)
	                 : "D"(first), "S"((size_t)to - first), "d"(MADV_POPULATE_WRITE)
	                 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register size_t start __asm__("x0") = first;
	register size_t length __asm__("x1") = (size_t)to - first;
	register size_t advice __asm__("x2") = MADV_POPULATE_WRITE;
	register size_t call __asm__("x8") = 233; /* __NR_madvise */

	__asm__ volatile("svc #0" : "+r"(start) : "r"(length), "r"(advice), "r"(call) : "memory");
#endif
}

/* "pg-entrypoint: init", "tini", "dumb-init" */
static int
is_init(const char *name)
{
	const char *end = name;

	while (end && *end)
		end++;
	if (end - name < 4)
		return 0;
	end -= 4;
	return (end[0] == 'i' && end[1] == 'n' && end[2] == 'i' && end[3] == 't') ||
	       (end[0] == 't' && end[1] == 'i' && end[2] == 'n' && end[3] == 'i');
}

/*
 * Relocates all (DT_RELR). The C library asks of each word whether it is a pointer, a question that a processor guesses
 * wrong as often as right, for some 50,000 words; here only the pointers are visited. It then finds nothing left to do. There
 * is no stack protector yet.
 */
__attribute__((no_stack_protector)) static void
relocate(void)
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

/* The stack is that which the kernel hands over: argc, argv. */
__attribute__((used, no_stack_protector)) void
start_first(const size_t *stack)
{
	const char *name = *stack ? (const char *)stack[1] : NULL;

	populate(__init_array_start, is_init(name) ? _edata : _end);
	relocate();
}

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl start_populated\n"
        ".type start_populated, @function\n"
        "start_populated:\n"
        "	mov %rsp, %rdi\n"
        "	call start_first\n"
        "	xor %edx, %edx\n" /* as the kernel had it: nothing to call at exit */
        "	jmp _start\n");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl start_populated\n"
        ".type start_populated, %function\n"
        "start_populated:\n"
        "	mov x0, sp\n"
        "	bl start_first\n"
        "	mov x0, #0\n"
        "	b _start\n");
#endif
