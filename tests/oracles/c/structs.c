/* Structures by value: copies by string instructions, bit fields, unions, returning through memory. */
#include "corpus.h"

typedef struct { u32 a : 3, b : 7, c : 12, d : 10; i32 e : 5, f : 27; } fields;
typedef struct { u8 tag; u16 half; u32 word; u64 wide; u8 text[45]; fields bits; } record;
typedef union { u32 word; u8 byte[4]; u16 half[2]; } parts;

static __attribute__((noinline)) record make(u32 seed)
{
    record r = {.tag = seed, .half = seed >> 3, .word = seed * 3, .wide = (u64)seed * seed};
    for (u32 i = 0; i < sizeof r.text; i++) r.text[i] = seed >> (i & 15);
    r.bits = (fields){seed, seed >> 3, seed >> 5, seed >> 9, seed >> 11, seed >> 4};
    return r;
}

static __attribute__((noinline)) u32 weigh(record r)
{
    parts p = {.word = r.word};
    u32 sum = r.tag + r.half + p.byte[1] * p.half[1] + (u32)(r.wide >> 17);
    sum += r.bits.a + r.bits.b * 3 + r.bits.c * 5 + r.bits.d * 7 + r.bits.e * 11 + r.bits.f * 13;
    for (u32 i = 0; i < sizeof r.text; i++) sum = sum * 3 ^ r.text[i];
    r.word = 0;
    return sum;
}

u32 run(u32 seed, u8 *out)
{
    record all[4];
    u32 sum = 0;
    for (int i = 0; i < 4; i++) all[i] = make(next(&seed));
    for (int i = 0; i < 12; i++) {
        record t = all[i % 4];
        all[i % 4] = all[(i * 7 + 1) % 4];
        t.bits.c += i, t.bits.f -= i, t.half ^= t.bits.b;
        all[(i * 7 + 1) % 4] = t;
        sum = sum * 5 + weigh(t);
    }
    for (int i = 0; i < 64; i++) put32(out + 4 * i, i < 4 ? weigh(all[i]) : sum + i * all[i & 3].word);
    return sum;
}
