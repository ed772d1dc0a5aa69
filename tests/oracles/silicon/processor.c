/*
 * Ask the processor what one instruction does.
 *
 * Reads cases from standard input, one a line, in the notation of tests/vectors/silicon (see FORMAT.md there):
 *
 *     01 C8 | eax=5 ecx=fffffffb
 *
 * runs each instruction on the real processor, in this 32-bit process, and prints the line completed:
 *
 *     01 C8 | eax=5 ecx=fffffffb | eax=0 cf pf af zf
 *
 * How it works: UD2 in `run_case` raises SIGILL, whose handler keeps the caller's context and replaces it by the
 * state of the case. The instruction runs with the code page filled with HLT around it. Whatever it does, the next
 * thing that happens is a fault: its own, or #GP(0) of a HLT, which at any address but its own says "it completed".
 * The second handler call notes the state and puts the caller's context back.
 *
 * Build: gcc -m32 -O1 -fno-stack-protector -o processor processor.c
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <unistd.h>

enum { PAGE = 0x1000, CODE = 0x30000000, DATA = 0x20000000, START = 0x800, HLT = 0xF4 };
enum { USER_CODE = 0x23, USER_DATA = 0x2b, CODE16 = 0x47, MAX_MEMORY = 16 };

/* Flags a case may set or see. IF is always 1; RF is part of how faults are delivered; both stay unsaid. */
static const struct { const char *name; unsigned bit; } FLAGS[] = {
    {"cf", 1 << 0},  {"pf", 1 << 2},  {"af", 1 << 4},  {"zf", 1 << 6},  {"sf", 1 << 7},  {"tf", 1 << 8},
    {"df", 1 << 10}, {"of", 1 << 11}, {"nt", 1 << 14}, {"ac", 1 << 18}, {"id", 1 << 21},
};
/* Sigreturn loads all of these but NT and ID; those two must be in the handler's own flags when it returns. */
/* The bit of a page fault's error code that says "fetch"; a machine without NX never sets it, so it is left out. */
enum { FETCH = 0x10 };
/* Not a vector: the case had to be stopped. */
enum { ENDLESS = 99, TICK_MICROSECONDS = 50000 };

enum { NT_ID = 1 << 14 | 1 << 21, AC = 1 << 18, LENGTH_OF_FLAGS = sizeof FLAGS / sizeof *FLAGS };

static const struct { const char *name; int index; unsigned initially; } REGISTERS[] = {
    {"eax", REG_EAX, 0}, {"ecx", REG_ECX, 0}, {"edx", REG_EDX, 0}, {"ebx", REG_EBX, 0},
    {"esp", REG_ESP, DATA + START}, {"ebp", REG_EBP, 0}, {"esi", REG_ESI, 0}, {"edi", REG_EDI, 0},
    {"es", REG_ES, USER_DATA}, {"cs", REG_CS, USER_CODE}, {"ss", REG_SS, USER_DATA}, {"ds", REG_DS, USER_DATA},
    {"fs", REG_FS, 0}, {"gs", REG_GS, 0},
};
enum { REGISTER_COUNT = sizeof REGISTERS / sizeof *REGISTERS };

struct state {
    unsigned registers[REGISTER_COUNT], eip, flags;
};

static struct state before, after;
static unsigned vector, error, fault_address;
static ucontext_t caller;
static volatile int running;
static unsigned ticks;
/* The code page is mapped twice: at CODE to execute and read, at `code` to write. */
static unsigned char *const data = (unsigned char *)DATA, *code;
static unsigned char data_before[PAGE], code_before[PAGE];

static unsigned swap_flags(unsigned keep_clear, unsigned set)
{
    unsigned old;
    __asm__ volatile("pushfl; popl %0; movl %0, %%ecx; notl %1; andl %1, %%ecx; orl %2, %%ecx; pushl %%ecx; popfl"
                     : "=&r"(old), "+r"(keep_clear) : "r"(set) : "ecx", "cc", "memory");
    return old;
}

static void load(ucontext_t *context, const struct state *state)
{
    greg_t *registers = context->uc_mcontext.gregs;
    for (int i = 0; i < REGISTER_COUNT; i++) registers[REGISTERS[i].index] = state->registers[i];
    registers[REG_UESP] = registers[REG_ESP];
    registers[REG_EIP] = state->eip;
    registers[REG_EFL] = 0x202 | state->flags;
}

static void store(const ucontext_t *context, struct state *state)
{
    const greg_t *registers = context->uc_mcontext.gregs;
    for (int i = 0; i < REGISTER_COUNT; i++) state->registers[i] = registers[REGISTERS[i].index] & (i < 8 ? ~0u : 0xffff);
    state->eip = registers[REG_EIP];
    state->flags = registers[REG_EFL];
    vector = registers[REG_TRAPNO];
    error = vector == 14 ? registers[REG_ERR] & ~FETCH : registers[REG_ERR];
    fault_address = context->uc_mcontext.cr2;
}

/* A case that still runs at the second tick of the timer runs for ever. */
static int still_busy(int number)
{
    return number == SIGALRM && (!running || ticks++ == 0);
}

static void on_signal(int number, siginfo_t *info, void *context_)
{
    (void)info;
    swap_flags(AC | NT_ID, 0);
    ucontext_t *context = context_;
    if (still_busy(number)) return;
    if (!running) {
        ticks = 0;
        caller = *context;
        running = 1;
        load(context, &before);
        swap_flags(0, before.flags & NT_ID);
    } else {
        running = 0;
        store(context, &after);
        if (number == SIGALRM) vector = ENDLESS;
        greg_t *registers = context->uc_mcontext.gregs;
        memcpy(registers, caller.uc_mcontext.gregs, sizeof caller.uc_mcontext.gregs);
        registers[REG_EIP] += 2; /* past UD2 */
    }
}

static __attribute__((noinline)) void run_case(void)
{
    __asm__ volatile("ud2" ::: "memory", "cc");
}

/* ---- the notation ---- */

static int register_named(const char *name, size_t length)
{
    for (int i = 0; i < REGISTER_COUNT; i++)
        if (strlen(REGISTERS[i].name) == length && !strncmp(REGISTERS[i].name, name, length)) return i;
    return -1;
}

static unsigned flag_named(const char *name)
{
    for (int i = 0; i < LENGTH_OF_FLAGS; i++)
        if (!strcmp(FLAGS[i].name, name)) return FLAGS[i].bit;
    return 0;
}

static void bad(const char *line, const char *token)
{
    fprintf(stderr, "processor: cannot read \"%s\" in: %s\n", token, line);
    exit(2);
}

static int hex_bytes(const char *text, unsigned char *bytes, int limit)
{
    int count = 0;
    for (; isxdigit(text[0]) && isxdigit(text[1]) && count < limit; text += 2) {
        char two[3] = {text[0], text[1], 0};
        bytes[count++] = strtoul(two, 0, 16);
    }
    return count;
}

static void parse_setting(const char *line, char *token)
{
    char *equals = strchr(token, '=');
    unsigned flag = equals ? 0 : flag_named(token);
    if (flag) {
        before.flags |= flag;
    } else if (equals && *token == '[') {
        unsigned address = strtoul(token + 1, 0, 16);
        if (address - DATA >= PAGE) bad(line, token);
        hex_bytes(equals + 1, data + (address - DATA), DATA + PAGE - address);
    } else if (equals && !strncmp(token, "eip=", 4)) {
        before.eip = strtoul(equals + 1, 0, 16);
    } else {
        int i = equals ? register_named(token, equals - token) : -1;
        if (i < 0) bad(line, token);
        before.registers[i] = strtoul(equals + 1, 0, 16);
    }
}

/* Fills `before` and the two pages from a line; gives the length of the instruction. */
static int parse(const char *line)
{
    static char copy[4096];
    unsigned char bytes[64];
    int length = 0;
    before.eip = 0;
    before.flags = 0;
    for (int i = 0; i < REGISTER_COUNT; i++) before.registers[i] = REGISTERS[i].initially;
    memset(data, 0, PAGE);
    memset(code, HLT, PAGE);

    strncpy(copy, line, sizeof copy - 1);
    char *settings = strchr(copy, '|');
    if (!settings) bad(line, "no |");
    *settings++ = 0;
    for (char *token = strtok(copy, " "); token; token = strtok(0, " ")) hex_bytes(token, bytes + length++, 1);
    for (char *token = strtok(settings, " |\n"); token; token = strtok(0, " |\n")) parse_setting(line, token);

    unsigned base = before.registers[9] == CODE16 ? CODE : 0;
    if (!before.eip) before.eip = CODE + START - base;
    unsigned offset = before.eip + base - CODE;
    if (offset >= PAGE) bad(line, "eip");
    memcpy(code + offset, bytes, offset + length > PAGE ? PAGE - offset : length);
    return length;
}

static void print_memory(const unsigned char *was, const unsigned char *is, unsigned base)
{
    for (int i = 0; i < PAGE; i++) {
        if (was[i] == is[i]) continue;
        printf(" [%x]=", base + i);
        for (; i < PAGE && memcmp(was + i, is + i, PAGE - i < 4 ? PAGE - i : 4); i++) printf("%02x", is[i]);
    }
}

static void print_fault(void)
{
    static const char *const NAMES[] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "?9",
                                        "#TS", "#NP", "#SS", "#GP", "#PF", "?15", "#MF", "#AC"};
    enum { WITH_ERROR_CODE = 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17 };
    if (vector == ENDLESS) {
        printf(" | does not end");
        return;
    }
    printf(" | %s", vector < 18 ? NAMES[vector] : "?");
    if (1 << vector & WITH_ERROR_CODE) printf("(%x)", error);
    if (vector == 14) printf(" cr2=%x", fault_address);
}

static void print_result(int length)
{
    int completed = vector == 13 && error == 0 && after.eip != before.eip;
    for (int i = 0; i < REGISTER_COUNT; i++)
        if (after.registers[i] != before.registers[i]) printf(" %s=%x", REGISTERS[i].name, after.registers[i]);
    if (after.eip != (completed ? before.eip + length : before.eip)) printf(" eip=%x", after.eip);
    for (int i = 0; i < LENGTH_OF_FLAGS; i++)
        if (after.flags & FLAGS[i].bit) printf(" %s", FLAGS[i].name);
    print_memory(data_before, data, DATA);
    print_memory(code_before, code, CODE);
    if (!completed) print_fault();
}

static void answer(char *line)
{
    int length = parse(line);
    memcpy(data_before, data, PAGE);
    memcpy(code_before, code, PAGE);
    run_case();
    line[strcspn(line, "\n")] = 0;
    printf("%s |", line);
    print_result(length);
    putchar('\n');
}

/* ---- the surroundings that FORMAT.md describes ---- */

static void describe(int entry, unsigned base, unsigned limit, int is_32bit, int contents, int read_only, int absent)
{
    struct user_desc descriptor = {.entry_number = entry, .base_addr = base, .limit = limit, .seg_32bit = is_32bit,
        .contents = contents, .read_exec_only = read_only, .limit_in_pages = limit == 0xfffff, .seg_not_present = absent};
    if (syscall(SYS_modify_ldt, 0x11, &descriptor, sizeof descriptor)) perror("modify_ldt"), exit(2);
}

static void prepare_ldt(void)
{
    enum { DATA_UP = 0, DATA_DOWN = 1, CODE_PLAIN = 2, CODE_CONFORMING = 3 };
    describe(0, DATA, 0xfff, 1, DATA_UP, 0, 0);          /* 07 */
    describe(1, DATA, 0xfff, 1, DATA_UP, 1, 0);          /* 0f */
    describe(2, DATA, 0x7ff, 1, DATA_DOWN, 0, 0);        /* 17 */
    describe(3, DATA, 0xfff, 1, DATA_UP, 0, 1);          /* 1f */
    describe(4, 0, 0xfffff, 1, CODE_PLAIN, 0, 0);        /* 27 */
    describe(5, 0, 0xfffff, 1, CODE_PLAIN, 1, 0);        /* 2f */
    describe(6, 0, 0xfffff, 1, CODE_CONFORMING, 0, 1);   /* 37 */
    describe(7, DATA, 0xfff, 0, DATA_UP, 0, 0);          /* 3f */
    describe(8, CODE, 0xfff, 0, CODE_PLAIN, 0, 0);       /* 47 */
    describe(9, DATA, 0x7ff, 0, DATA_DOWN, 0, 0);        /* 4f */
}

static void prepare_pages(void)
{
    int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, file = memfd_create("code", 0);
    if (mmap(data, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, fixed, -1, 0) != data) perror("data page"), exit(2);
    if (file < 0 || ftruncate(file, PAGE)) perror("code page"), exit(2);
    code = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void *executable = mmap((void *)CODE, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED_NOREPLACE, file, 0);
    if (code == MAP_FAILED || executable != (void *)CODE) perror("code page"), exit(2);
}

static void prepare_signals(void)
{
    static unsigned char handler_stack[64 * 1024];
    stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
    sigaltstack(&stack, 0);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};
    const int numbers[] = {SIGSEGV, SIGILL, SIGTRAP, SIGFPE, SIGBUS, SIGALRM};
    for (int i = 0; i < 6; i++) sigaction(numbers[i], &action, 0);
    const struct itimerval ticking = {{0, TICK_MICROSECONDS}, {0, TICK_MICROSECONDS}};
    setitimer(ITIMER_REAL, &ticking, 0);
}

int main(void)
{
    static char line[4096];
    prepare_pages();
    prepare_ldt();
    prepare_signals();
    while (fgets(line, sizeof line, stdin)) answer(line);
    return 0;
}
