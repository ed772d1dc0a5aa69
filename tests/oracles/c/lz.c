/* Compression by back references, and expansion again (copies that overlap themselves). */
#include "corpus.h"
enum { N = 600 };

static u32 match(const u8 *a, const u8 *b, const u8 *end)
{
    u32 n = 0;
    while (b + n < end && a[n] == b[n] && n < 63) n++;
    return n;
}

static u32 compress(u8 *to, const u8 *from, u32 size)
{
    u8 *start = to;
    for (u32 i = 0; i < size;) {
        u32 best = 0, distance = 0;
        for (u32 d = 1; d <= i && d < 256; d++) {
            u32 n = match(from + i - d, from + i, from + size);
            if (n > best) best = n, distance = d;
        }
        if (best > 2) *to++ = 0x80 | best, *to++ = distance, i += best;
        else *to++ = from[i++] & 0x7f;
    }
    return to - start;
}

static u32 expand(u8 *to, const u8 *from, u32 size)
{
    u8 *start = to;
    for (const u8 *end = from + size; from < end;) {
        u8 c = *from++;
        if (!(c & 0x80)) { *to++ = c; continue; }
        const u8 *copy = to - *from++;
        for (u32 n = c & 0x7f; n--;) *to++ = *copy++;
    }
    return to - start;
}

u32 run(u32 seed, u8 *out)
{
    static u8 text[N], packed[2 * N], again[N];
    for (int i = 0; i < N; i++) text[i] = next(&seed) & 7 ? text[i > 20 ? i - 17 : 0] : 'a' + (seed >> 8) % 6;
    u32 size = compress(packed, text, N), back = expand(again, packed, size);
    for (int i = 0; i < OUT; i++) out[i] = packed[i];
    return size << 12 | (back == N && !memcmp(text, again, N));
}
