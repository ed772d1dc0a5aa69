/* All solutions of the queens' problem by sets of bits. */
#include "corpus.h"

static u32 full, found;
static u8 *output;

static void place(u32 columns, u32 left, u32 right, u32 path)
{
    if (columns == full) {
        if (found < OUT / 4) put32(output + 4 * found, path);
        found++;
        return;
    }
    for (u32 free = full & ~(columns | left | right); free; free &= free - 1) {
        u32 bit = free & -free;
        place(columns | bit, (left | bit) << 1, (right | bit) >> 1, path * 8 + __builtin_ctz(bit));
    }
}

u32 run(u32 seed, u8 *out)
{
    memset(out, seed, OUT);
    full = (1u << (5 + seed % 3)) - 1, found = 0, output = out;
    place(0, 0, 0, seed);
    return found * 1000 + full;
}
