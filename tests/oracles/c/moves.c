/* Moving memory that overlaps, filling, comparing: every small size and offset. */
#include "corpus.h"

u32 run(u32 seed, u8 *out)
{
    u8 buffer[128];
    u32 sum = 0;
    for (u32 i = 0; i < OUT / 4; i++) {
        for (u32 j = 0; j < 128; j++) buffer[j] = next(&seed) >> 7;
        u32 from = seed & 31, to = seed >> 5 & 31, size = seed >> 10 & 63;
        memmove(buffer + to, buffer + from, size);
        memset(buffer + (seed >> 16 & 63), i, seed >> 22 & 15);
        sum += memcmp(buffer, buffer + 64, 1 + (i & 31)) < 0;
        __builtin_memcpy(buffer + 8, buffer + 64, 37);
        __builtin_memset(buffer + 50, 0xee, 21);
        u32 hash = 0;
        for (u32 j = 0; j < 128; j++) hash = hash * 65599 + buffer[j];
        put32(out + 4 * i, hash);
        sum = sum * 5 + hash;
    }
    return sum;
}
