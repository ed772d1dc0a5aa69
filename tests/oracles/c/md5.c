/* A hash in the manner of MD5: rotates by variable counts, constants by multiplication. */
#include "corpus.h"

static u32 rotate(u32 x, u32 n)
{
    return x << n | x >> (32 - n);
}

u32 run(u32 seed, u8 *out)
{
    static const u8 counts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    u32 a = 0x67452301, b = 0xefcdab89, c = 0x98badcfe, d = 0x10325476, words[16];
    for (int i = 0; i < 16; i++) words[i] = next(&seed);
    for (u32 i = 0; i < 256; i++) {
        u32 f, g, round = i / 16 % 4;
        if (round == 0) f = (b & c) | (~b & d), g = i;
        else if (round == 1) f = (d & b) | (~d & c), g = 5 * i + 1;
        else if (round == 2) f = b ^ c ^ d, g = 3 * i + 5;
        else f = c ^ (b | ~d), g = 7 * i;
        u32 t = b + rotate(a + f + words[g % 16] + i * 0x9e3779b1u, counts[round][i % 4]);
        a = d, d = c, c = b, b = t;
        out[i] = t >> 24;
    }
    return a ^ b ^ c ^ d;
}
