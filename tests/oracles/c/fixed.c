/* Fixed-point numbers 16.16: products, quotients, square roots, sine by rotation. */
#include "corpus.h"
typedef i32 fix;

static fix times(fix a, fix b) { return (i64)a * b >> 16; }
static fix over(fix a, fix b) { return b ? ((i64)a << 16) / b : 0x7fffffff; }

static u32 root(u32 x)
{
    u32 result = 0;
    for (u32 bit = 1u << 30; bit; bit >>= 2) {
        u32 trial = result + bit;
        result >>= 1;
        if (x >= trial) x -= trial, result += bit;
    }
    return result;
}

/* A circle by repeated small rotations. */
static void turn(fix *x, fix *y)
{
    *x -= *y >> 4;
    *y += *x >> 4;
}

u32 run(u32 seed, u8 *out)
{
    fix x = 30000 + (seed & 0xffff), y = 0;
    u32 sum = 0;
    for (int i = 0; i < OUT / 4; i++) {
        fix a = (i32)next(&seed) >> 8, b = (i32)next(&seed) >> 12;
        turn(&x, &y);
        fix r = times(a, x) + over(a, b) - over(y, x | 1) + root(a & 0x7fffffff) * 3;
        put32(out + 4 * i, r);
        sum = sum * 11 + r;
    }
    return sum;
}
