/* Arithmetic of 8 and 16 bits, signed and unsigned: wrap, extension, division, comparison. */
#include "corpus.h"

static volatile u8 ub[4];
static volatile i8 sb[4];
static volatile u16 uw[4];
static volatile i16 sw[4];

static u32 bytes(void)
{
    ub[2] = ub[0] + ub[1], sb[2] = sb[0] * sb[1], ub[3] = ub[0] / (ub[1] | 1), sb[3] = sb[0] % (sb[1] | 1);
    ub[0] <<= ub[1] & 7, sb[0] >>= sb[1] & 7, ub[1]++, sb[1]--;
    return ub[0] ^ ub[2] << 8 ^ sb[2] << 16 ^ sb[3] << 3 ^ ub[3] ^ (sb[0] < sb[1]) << 30 ^ (ub[0] < ub[1]) << 29;
}

static u32 words(void)
{
    uw[2] = uw[0] + uw[1], sw[2] = sw[0] * sw[1], uw[3] = uw[0] / (uw[1] | 1), sw[3] = sw[0] % (sw[1] | 1);
    uw[0] <<= uw[1] & 15, sw[0] >>= sw[1] & 15, uw[1] = ~uw[1], sw[1] = -sw[1];
    uw[0] = (u16)(uw[0] << 5) | uw[0] >> 11;
    return uw[0] ^ uw[2] << 8 ^ sw[2] << 11 ^ sw[3] << 3 ^ uw[3] ^ (sw[0] < sw[1]) << 30 ^ (uw[0] < uw[1]) << 29;
}

u32 run(u32 seed, u8 *out)
{
    u32 sum = 0;
    for (int i = 0; i < OUT / 4; i++) {
        u32 x = next(&seed);
        ub[0] = x, ub[1] = x >> 8, sb[0] = x >> 16, sb[1] = x >> 24;
        uw[0] = x, uw[1] = x >> 16, sw[0] = x >> 4, sw[1] = x >> 12;
        x = bytes() * 3 + words();
        put32(out + 4 * i, x);
        sum += x ^ sum << 3;
    }
    return sum;
}
