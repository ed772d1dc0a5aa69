/* Division by constants (multiplication by reciprocals) and by variables; remainders; greatest common divisors. */
#include "corpus.h"

static u32 gcd(u32 a, u32 b)
{
    while (b) {
        u32 rest = a % b;
        a = b, b = rest;
    }
    return a;
}

u32 run(u32 seed, u8 *out)
{
    u32 sum = 0;
    for (int i = 0; i < OUT / 4; i++) {
        u32 u = next(&seed);
        i32 s = next(&seed), d = (i32)next(&seed) >> (i % 31);
        u32 r = u / 3 + u / 7 * 5 + u % 10 + u / 1000 % 60 + u / 641;
        r ^= s / 3 - s / 7 + s % 10 * 3 + s / -5 + s / 8 + s % 16 + (u16)u / 11 + (i16)s / 13;
        if (d && d != -1) r += s / d ^ s % d;
        r += u / (d | 1u) ^ gcd(u, d);
        put32(out + 4 * i, r);
        sum = sum * 3 ^ r;
    }
    return sum;
}
