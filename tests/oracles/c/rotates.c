/* Rotates of 8, 16 and 32 bits by constants and by variables; double shifts of 64 bits. */
#include "corpus.h"

static u32 rotl32(u32 x, u32 n) { return x << (n & 31) | x >> (-n & 31); }
static u32 rotr32(u32 x, u32 n) { return x >> (n & 31) | x << (-n & 31); }
static u16 rotl16(u16 x, u32 n) { return x << (n & 15) | x >> (-n & 15); }
static u8 rotr8(u8 x, u32 n) { return x >> (n & 7) | x << (-n & 7); }
static u64 rotl64(u64 x, u32 n) { return x << (n & 63) | x >> (-n & 63); }

u32 run(u32 seed, u8 *out)
{
    u64 wide = (u64)seed << 32 | ~seed;
    u32 sum = seed;
    for (int i = 0; i < OUT / 4; i++) {
        u32 x = next(&seed);
        wide = rotl64(wide, x) ^ x;
        sum = rotl32(sum, 5) + rotr32(x, sum) + rotl16(x, i) * 3 + rotr8(x >> 8, i) + (u32)(wide >> 13);
        sum ^= (u32)(rotl64(wide, 19) >> 32) + rotl16(x >> 16, 8);
        put32(out + 4 * i, sum);
    }
    return sum;
}
