/* Numbers of 512 bits: add with carry, multiply, divide by a word; Fibonacci and factorial. */
#include "corpus.h"
enum { WORDS = 16 };
typedef struct { u32 word[WORDS]; } big;

static u32 add(big *to, const big *b)
{
    u64 carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (u64)to->word[i] + b->word[i];
        to->word[i] = carry;
        carry >>= 32;
    }
    return carry;
}

static void scale(big *to, u32 factor)
{
    u64 carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (u64)to->word[i] * factor;
        to->word[i] = carry;
        carry >>= 32;
    }
}

static u32 divide(big *to, u32 divisor)
{
    u64 rest = 0;
    for (int i = WORDS - 1; i >= 0; i--) {
        rest = rest << 32 | to->word[i];
        to->word[i] = rest / divisor;
        rest %= divisor;
    }
    return rest;
}

u32 run(u32 seed, u8 *out)
{
    big a = {{seed | 1}}, b = {{1}}, f = {{1}};
    for (int i = 0; i < 60; i++) {
        big t = b;
        add(&b, &a);
        a = t;
    }
    for (u32 i = 2; i < 60; i++) scale(&f, i);
    add(&f, &a);
    for (int i = 0; i < 12; i++) out[i] = divide(&f, 1000) >> 2;
    memcpy(out + 128, &b, sizeof b);
    return b.word[3] + f.word[0];
}
