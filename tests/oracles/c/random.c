/* Three generators of numbers: linear congruential, lagged, and one with 64 bits of state. */
#include "corpus.h"

u32 run(u32 seed, u8 *out)
{
    u32 lcg = seed, lagged[17], sum = 0;
    u64 wide = 0x853c49e6748fea9bull ^ seed;
    for (int i = 0; i < 17; i++) lagged[i] = lcg = lcg * 1664525 + 1013904223;
    for (int i = 0; i < OUT; i++) {
        lcg = lcg * 1103515245 + 12345;
        u32 l = lagged[i % 17] = lagged[i % 17] + (lagged[(i + 5) % 17] << 9 | lagged[(i + 5) % 17] >> 23);
        wide = wide * 6364136223846793005ull + 1442695040888963407ull;
        u32 mixed = ((wide >> 18) ^ wide) >> 27, turn = wide >> 59;
        mixed = mixed >> turn | mixed << (-turn & 31);
        out[i] = (lcg >> 16) ^ l ^ mixed;
        sum = sum * 3 + out[i] + mixed % 1000;
    }
    return sum;
}
