/* Saturating and overflow-checked arithmetic; minimum, maximum, absolute values, averages. */
#include "corpus.h"

static i32 add(i32 a, i32 b)
{
    i32 sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return a < 0 ? (i32)0x80000000 : 0x7fffffff;
}

static i32 multiply(i32 a, i32 b)
{
    i32 product;
    if (!__builtin_mul_overflow(a, b, &product)) return product;
    return (a ^ b) < 0 ? (i32)0x80000000 : 0x7fffffff;
}

static u8 clamp(i32 x) { return x < 0 ? 0 : x > 255 ? 255 : x; }

static u32 unsigned_less(u32 a, u32 b)
{
    u32 difference;
    return __builtin_sub_overflow(a, b, &difference) ? difference : ~difference;
}

u32 run(u32 seed, u8 *out)
{
    i32 total = 0;
    u32 sum = 0;
    for (int i = 0; i < OUT; i++) {
        i32 a = next(&seed), b = (i32)next(&seed) >> (i & 31);
        total = add(total, a);
        sum ^= multiply(a >> 14, b) + unsigned_less(a, b);
        sum += (a < b ? a : b) ^ (a < 0 ? -(u32)a : a) ^ (((u32)a & b) + (((u32)a ^ b) >> 1));
        out[i] = clamp((b >> 4) + i) ^ (total >> 24);
    }
    return sum ^ total;
}
