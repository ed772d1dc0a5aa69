/* Sets as arrays of bits: insert, remove, toggle, test, next member. */
#include "corpus.h"
enum { BITS = 1024 };
static u32 set[BITS / 32];

static void insert(u32 i) { set[i / 32] |= 1u << i % 32; }
static void take(u32 i) { set[i / 32] &= ~(1u << i % 32); }
static void toggle(u32 i) { set[i / 32] ^= 1u << i % 32; }
static int has(u32 i) { return set[i / 32] >> i % 32 & 1; }

static int member_from(u32 i)
{
    for (; i < BITS; i = (i | 31) + 1) {
        u32 rest = set[i / 32] >> i % 32;
        if (rest) return i + __builtin_ctz(rest);
    }
    return -1;
}

u32 run(u32 seed, u8 *out)
{
    u32 sum = 0;
    memset(set, 0, sizeof set);
    for (int n = 0; n < 400; n++) {
        u32 i = next(&seed) % BITS;
        switch (seed >> 28) {
        case 0 ... 6: insert(i); break;
        case 7 ... 9: take(i); break;
        case 10 ... 12: toggle(i); break;
        default: sum += has(i) << (i & 15);
        }
    }
    for (int i = member_from(0); i >= 0; i = member_from(i + 1)) sum = sum * 17 + i;
    memcpy(out, set, sizeof set);
    memset(out + sizeof set, 0x5a, OUT - sizeof set);
    return sum;
}
