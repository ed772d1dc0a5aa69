/* Matrix multiplication and power, 32-bit and 64-bit accumulators. */
#include "corpus.h"
enum { N = 8 };
typedef i32 matrix[N][N];

static void multiply(matrix to, matrix a, matrix b)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            i64 sum = 0;
            for (int k = 0; k < N; k++) sum += (i64)a[i][k] * b[k][j];
            to[i][j] = sum ^ sum >> 32;
        }
}

u32 run(u32 seed, u8 *out)
{
    matrix a, b, c;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) a[i][j] = next(&seed), b[i][j] = i == j;
    for (u32 power = seed % 29 + 3; power; power >>= 1) {
        if (power & 1) multiply(c, b, a), memcpy(b, c, sizeof b);
        multiply(c, a, a);
        memcpy(a, c, sizeof a);
    }
    u32 trace = 0;
    for (int i = 0; i < N; i++) trace += b[i][i];
    memcpy(out, b, OUT);
    return trace;
}
