/* The compression of SHA-256 with round constants of our own, over a message made from the seed. */
#include "corpus.h"
#define ROTR(x, n) ((x) >> (n) | (x) << (32 - (n)))

static void block(u32 h[8], const u32 k[64], const u8 *data)
{
    u32 w[64], s[8];
    for (int i = 0; i < 16; i++) w[i] = data[4 * i] << 24 | data[4 * i + 1] << 16 | data[4 * i + 2] << 8 | data[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        u32 a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (ROTR(a, 7) ^ ROTR(a, 18) ^ a >> 3) + w[i - 7] + (ROTR(b, 17) ^ ROTR(b, 19) ^ b >> 10);
    }
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        u32 t1 = s[7] + (ROTR(s[4], 6) ^ ROTR(s[4], 11) ^ ROTR(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
        u32 t2 = (ROTR(s[0], 2) ^ ROTR(s[0], 13) ^ ROTR(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += t1;
        s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

u32 run(u32 seed, u8 *out)
{
    u32 h[8], k[64], constants = 1;
    for (int i = 0; i < 64; i++) k[i] = next(&constants);
    memcpy(h, k + 8, sizeof h);
    for (int i = 0; i < 128; i++) out[i] = next(&seed);
    block(h, k, out);
    block(h, k, out + 64);
    for (int i = 0; i < 8; i++) put32(out + 4 * i, __builtin_bswap32(h[i]));
    return h[0] ^ h[7];
}
