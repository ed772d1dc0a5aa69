/*
 * Run a flat image of the gcc corpus on the real processor, in this 32-bit process.
 *
 *     native IMAGE SEED...     prints a line a seed: checksum in EAX, then the 256 bytes of `out`, in hexadecimal
 *
 * The image lies at 1 MiB and ends with HLT, which raises SIGSEGV here; the handler takes EAX and goes on.
 * Build: gcc -m32 -O1 -o native native.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ucontext.h>
#include <unistd.h>

enum { IMAGE = 0x100000, SIZE = 0x100000, OUTPUT = IMAGE + SIZE - 0x1000, STACK = OUTPUT, OUT = 256 };

static sigjmp_buf finished;
static unsigned checksum, fault;

static void on_halt(int number, siginfo_t *info, void *context_)
{
    (void)number, (void)info;
    const ucontext_t *context = context_;
    checksum = context->uc_mcontext.gregs[REG_EAX];
    fault = *(unsigned char *)context->uc_mcontext.gregs[REG_EIP] == 0xf4 ? 0 : 1 + context->uc_mcontext.gregs[REG_TRAPNO];
    siglongjmp(finished, 1);
}

static void load(const char *path)
{
    int file = open(path, O_RDONLY);
    int length = file < 0 ? -1 : read(file, (void *)IMAGE, SIZE);
    if (length <= 0) perror(path), exit(2);
    close(file);
}

static void call(unsigned seed)
{
    if (sigsetjmp(finished, 1)) return;
    __asm__ volatile("movl %2, %%esp; jmp *%3" ::"a"(seed), "d"(OUTPUT), "r"(STACK), "r"(IMAGE));
    __builtin_unreachable();
}

int main(int count, char **arguments)
{
    static unsigned char handler_stack[64 * 1024];
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    struct sigaction action = {.sa_sigaction = on_halt, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    if (mmap((void *)IMAGE, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0) == MAP_FAILED) perror("mmap"), exit(2);
    sigaltstack(&stack, 0);
    for (const int *number = (int[]){SIGSEGV, SIGILL, SIGFPE, SIGBUS, 0}; *number; number++) sigaction(*number, &action, 0);
    for (int i = 2; i < count; i++) {
        memset((void *)IMAGE, 0, SIZE);
        load(arguments[1]);
        call(strtoul(arguments[i], 0, 16));
        if (fault) fprintf(stderr, "%s: seed %s ended with fault %u\n", arguments[1], arguments[i], fault - 1), exit(2);
        printf("%08x ", checksum);
        for (int j = 0; j < OUT; j++) printf("%02x", ((unsigned char *)OUTPUT)[j]);
        putchar('\n');
    }
    return 0;
}
