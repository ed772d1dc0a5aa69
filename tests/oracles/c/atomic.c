/* Atomic operations: exchange, add and give the old value, compare and exchange. */
#include "corpus.h"

static u32 cells[8];
static u8 lock;

static u32 step(u32 x)
{
    u32 *cell = &cells[x & 7], old = *cell;
    switch (x >> 3 & 7) {
    case 0: return __atomic_fetch_add(cell, x, __ATOMIC_SEQ_CST);
    case 1: return __atomic_exchange_n(cell, x, __ATOMIC_SEQ_CST);
    case 2: return __atomic_compare_exchange_n(cell, &old, x, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ? 1 : old;
    case 3: return __atomic_fetch_or(cell, x << 5, __ATOMIC_SEQ_CST);
    case 4: return __atomic_sub_fetch(cell, x, __ATOMIC_SEQ_CST);
    case 5: return __atomic_fetch_xor(cell, x, __ATOMIC_SEQ_CST);
    case 6: return __atomic_test_and_set(&lock, __ATOMIC_SEQ_CST);
    default: __atomic_clear(&lock, __ATOMIC_SEQ_CST); return __atomic_fetch_and(cell, ~x, __ATOMIC_SEQ_CST);
    }
}

u32 run(u32 seed, u8 *out)
{
    u32 sum = 0;
    lock = 0;
    for (int i = 0; i < 8; i++) cells[i] = seed * (i + 1);
    for (int i = 0; i < OUT; i++) {
        u32 r = step(next(&seed));
        out[i] = r >> 9;
        sum = sum * 3 + r;
    }
    return sum ^ cells[3];
}
