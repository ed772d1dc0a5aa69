/* Shortest paths in a small graph by Floyd's and by Dijkstra's method; they must agree. */
#include "corpus.h"
enum { N = 12, FAR = 0x3fffffff };

static void dijkstra(i32 (*edge)[N], int start, i32 *distance)
{
    u16 done = 0;
    for (int i = 0; i < N; i++) distance[i] = i == start ? 0 : FAR;
    for (int round = 0; round < N; round++) {
        int best = -1;
        for (int i = 0; i < N; i++)
            if (!(done >> i & 1) && (best < 0 || distance[i] < distance[best])) best = i;
        done |= 1 << best;
        for (int i = 0; i < N; i++) {
            i32 through = distance[best] + edge[best][i];
            if (through < distance[i]) distance[i] = through;
        }
    }
}

u32 run(u32 seed, u8 *out)
{
    i32 edge[N][N], all[N][N], one[N];
    for (int i = 0; i < N * N; i++) edge[i / N][i % N] = next(&seed) % 3 ? FAR : 1 + (seed >> 8) % 100;
    memcpy(all, edge, sizeof all);
    for (int i = 0; i < N; i++) all[i][i] = 0;
    for (int k = 0; k < N; k++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                if (all[i][k] + all[k][j] < all[i][j]) all[i][j] = all[i][k] + all[k][j];
    u32 agree = 0, sum = 0;
    for (int i = 0; i < N; i++) {
        dijkstra(edge, i, one);
        agree += !memcmp(one, all[i], sizeof one);
    }
    for (int i = 0; i < OUT; i++) out[i] = i < N * N ? all[i / N][i % N] : agree, sum = sum * 7 + out[i];
    return sum * 16 + agree;
}
