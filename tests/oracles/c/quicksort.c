/* Quicksort, recursive, with a comparison by function pointer. */
#include "corpus.h"
enum { N = 200 };

static int up(i32 a, i32 b) { return (a > b) - (a < b); }
static int down(i32 a, i32 b) { return up(b, a); }
static int by_low_byte(i32 a, i32 b) { return (i8)a - (i8)b; }

static void sort(i32 *a, int low, int high, int (*compare)(i32, i32))
{
    int i = low, j = high;
    i32 pivot = a[(low + high) / 2];
    while (i <= j) {
        while (compare(a[i], pivot) < 0) i++;
        while (compare(a[j], pivot) > 0) j--;
        if (i > j) break;
        i32 t = a[i];
        a[i++] = a[j], a[j--] = t;
    }
    if (low < j) sort(a, low, j, compare);
    if (i < high) sort(a, i, high, compare);
}

u32 run(u32 seed, u8 *out)
{
    static int (*const orders[])(i32, i32) = {up, down, by_low_byte};
    i32 a[N];
    u32 sum = 0;
    for (int o = 0; o < 3; o++) {
        for (int i = 0; i < N; i++) a[i] = next(&seed);
        sort(a, 0, N - 1, orders[o]);
        for (int i = 0; i < N; i++) sum = sum * 33 + a[i];
        for (int i = 0; i < 20; i++) put32(out + 80 * o + 4 * i, a[i * 10]);
    }
    return sum;
}
