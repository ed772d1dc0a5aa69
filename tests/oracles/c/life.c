/* Conway's life on a torus of 16 by 64 cells, by bytes. */
#include "corpus.h"
enum { H = 16, W = 64 };
static u8 cell[2][H][W];

static int neighbours(u8 (*grid)[W], int y, int x)
{
    int count = 0;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            if (dy || dx) count += grid[(y + dy) & (H - 1)][(x + dx) & (W - 1)];
    return count;
}

u32 run(u32 seed, u8 *out)
{
    int now = 0;
    for (int i = 0; i < H * W; i++) cell[0][i / W][i % W] = next(&seed) >> 31;
    for (int generation = 0; generation < 3; generation++, now ^= 1)
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                int n = neighbours(cell[now], y, x);
                cell[!now][y][x] = n == 3 || (n == 2 && cell[now][y][x]);
            }
    u32 alive = 0;
    memset(out, 0, OUT);
    for (int i = 0; i < H * W; i++) {
        u8 c = cell[now][i / W][i % W];
        out[i / 8] |= c << i % 8;
        alive += c * (i + 1);
    }
    return alive;
}
