/*
 * The first instructions of the release binary (the Makefile's -e), before those of the C library, which begin by
 * relocating some ninety pages of constants. Each would be a page fault of its own, together a tenth of a start that
 * has nothing to do; madvise(MADV_POPULATE_WRITE) gets them in one system call, and with them the pool of arena.c.
 * A kernel before 5.14 refuses it, and then all is as ever.
 */

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
        "	mov x0, #0\n"
        "	b _start\n");
#endif
