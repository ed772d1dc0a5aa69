/* Merge sort of 16-bit numbers, bottom up, signed and unsigned. */
#include "corpus.h"
enum { N = 128 };

static void merge_signed(i16 *to, const i16 *a, int na, const i16 *b, int nb)
{
    while (na && nb) *to++ = *b < *a ? (nb--, *b++) : (na--, *a++);
    while (na--) *to++ = *a++;
    while (nb--) *to++ = *b++;
}

static void merge_unsigned(u16 *to, const u16 *a, int na, const u16 *b, int nb)
{
    while (na && nb) *to++ = *b < *a ? (nb--, *b++) : (na--, *a++);
    while (na--) *to++ = *a++;
    while (nb--) *to++ = *b++;
}

u32 run(u32 seed, u8 *out)
{
    i16 s[2][N];
    u16 u[2][N];
    int from = 0;
    for (int i = 0; i < N; i++) s[0][i] = u[0][i] = next(&seed);
    for (int width = 1; width < N; width *= 2, from ^= 1)
        for (int i = 0; i < N; i += 2 * width) {
            merge_signed(s[!from] + i, s[from] + i, width, s[from] + i + width, width);
            merge_unsigned(u[!from] + i, u[from] + i, width, u[from] + i + width, width);
        }
    u32 sum = 0;
    for (int i = 0; i < N; i++) sum = sum * 5 + (s[from][i] ^ u[from][i]);
    memcpy(out, s[from], OUT);
    return sum;
}
