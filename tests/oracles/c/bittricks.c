/* Bit tricks: population count, leading and trailing zeros, reversal, Gray code, parity, interleaving. */
#include "corpus.h"

static u32 reverse(u32 x)
{
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(x);
}

static u32 interleave(u16 a, u16 b)
{
    u32 r = 0;
    for (int i = 0; i < 16; i++) r |= (a >> i & 1) << 2 * i | (b >> i & 1) << (2 * i + 1);
    return r;
}

u32 run(u32 seed, u8 *out)
{
    u32 sum = 0;
    for (int i = 0; i < OUT / 4; i++) {
        u32 x = next(&seed), r = reverse(x);
        r += __builtin_popcount(x) + (__builtin_clz(x | 1) << 8) + (__builtin_ctz(x | 0x80000000) << 16) + (__builtin_ffs(x) << 20);
        r ^= x ^ x >> 1;
        r += __builtin_parity(x) ? 0x1234 : 0x4321;
        r ^= interleave(x, x >> 16);
        r += (x & -x) ^ (x & (x - 1));
        put32(out + 4 * i, r);
        sum = (sum << 7 | sum >> 25) ^ r;
    }
    return sum;
}
