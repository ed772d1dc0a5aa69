/* Recursion: Ackermann, Hanoi, permutations, mutual recursion. */
#include "corpus.h"

static u32 ackermann(u32 m, u32 n)
{
    if (!m) return n + 1;
    return ackermann(m - 1, n ? ackermann(m, n - 1) : 1);
}

static u8 *at;
static u32 moves;

static void hanoi(int n, int from, int to)
{
    if (!n) return;
    hanoi(n - 1, from, 6 - from - to);
    if (moves++ < 128) *at++ = from * 16 + to;
    hanoi(n - 1, 6 - from - to, to);
}

static u32 permute(u8 *items, int n, u32 sum)
{
    if (n == 1) return sum * 31 + items[0] * 3 + items[2];
    for (int i = 0; i < n; i++) {
        u8 t = items[i];
        items[i] = items[n - 1], items[n - 1] = t;
        sum = permute(items, n - 1, sum);
        items[n - 1] = items[i], items[i] = t;
    }
    return sum;
}

static int is_odd(u32 n);
static __attribute__((noinline)) int is_even(u32 n) { return n ? is_odd(n - 1) : 1; }
static __attribute__((noinline)) int is_odd(u32 n) { return n ? is_even(n - 1) : 0; }

u32 run(u32 seed, u8 *out)
{
    u8 items[6] = {seed, seed >> 8, seed >> 16, 1, 2, 3};
    at = out, moves = 0;
    memset(out, 0, OUT);
    hanoi(7, 1, 3);
    u32 sum = permute(items, 6, seed) + ackermann(2, seed % 20) + is_even(seed % 100);
    put32(out + 200, sum);
    return sum + moves;
}
