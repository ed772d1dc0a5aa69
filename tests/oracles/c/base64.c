/* Base64 there and back. */
#include "corpus.h"
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static u32 encode(char *to, const u8 *from, u32 size)
{
    char *start = to;
    for (u32 i = 0; i < size; i += 3) {
        u32 group = from[i] << 16 | (i + 1 < size ? from[i + 1] : 0) << 8 | (i + 2 < size ? from[i + 2] : 0);
        for (int shift = 18; shift >= 0; shift -= 6) *to++ = letters[group >> shift & 63];
        if (i + 1 >= size) to[-2] = '=';
        if (i + 2 >= size) to[-1] = '=';
    }
    return to - start;
}

static int value(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static u32 decode(u8 *to, const char *from, u32 size)
{
    u8 *start = to;
    u32 group = 0, bits = 0;
    for (u32 i = 0; i < size; i++) {
        int v = value(from[i]);
        if (v < 0) break;
        group = group << 6 | v, bits += 6;
        if (bits >= 8) bits -= 8, *to++ = group >> bits;
    }
    return to - start;
}

u32 run(u32 seed, u8 *out)
{
    u8 data[130], back[140];
    u32 size = 120 + seed % 10;
    for (u32 i = 0; i < size; i++) data[i] = next(&seed) >> 5;
    memset(out, 0, OUT);
    u32 length = encode((char *)out, data, size);
    u32 returned = decode(back, (char *)out, length);
    return length << 16 | (returned == size && !memcmp(data, back, size)) << 8 | out[17];
}
