/* The sieve of Eratosthenes, over bytes. */
#include "corpus.h"
enum { LIMIT = 4096 };
static u8 composite[LIMIT];

u32 run(u32 seed, u8 *out)
{
    u32 limit = 1000 + seed % 3000, sum = 0, count = 0;
    memset(composite, 0, LIMIT);
    for (u32 i = 2; i < limit; i++) {
        if (composite[i]) continue;
        if (count < OUT / 4) put32(out + 4 * count, i);
        count++;
        sum += i;
        for (u32 j = i * i; j < limit; j += i) composite[j] = 1;
    }
    return sum * 31 + count;
}
