/* SHA-1's compression over a few blocks: rotates and big-endian words. */
#include "corpus.h"
#define ROL(x, n) ((x) << (n) | (x) >> (32 - (n)))

static u32 mix(int round, u32 b, u32 c, u32 d)
{
    switch (round / 20) {
    case 0: return (b & c | ~b & d) + 0x5a827999;
    case 1: return (b ^ c ^ d) + 0x6ed9eba1;
    case 2: return (b & c | b & d | c & d) + 0x8f1bbcdc;
    default: return (b ^ c ^ d) + 0xca62c1d6;
    }
}

static void block(u32 h[5], const u32 *data)
{
    u32 w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++) w[i] = __builtin_bswap32(data[i]);
    for (int i = 16; i < 80; i++) w[i] = ROL(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        u32 t = ROL(a, 5) + mix(i, b, c, d) + e + w[i];
        e = d, d = c, c = ROL(b, 30), b = a, a = t;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

u32 run(u32 seed, u8 *out)
{
    u32 h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, data[16];
    for (int n = 0; n < 10; n++) {
        for (int i = 0; i < 16; i++) data[i] = next(&seed);
        block(h, data);
        for (int i = 0; i < 5; i++) put32(out + 20 * n + 4 * i, h[i]);
    }
    return h[0] + h[4];
}
