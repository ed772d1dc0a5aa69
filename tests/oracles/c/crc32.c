/* CRC-32 by a table that is computed first. */
#include "corpus.h"
static u32 table[256];

static void make_table(void)
{
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
}

u32 run(u32 seed, u8 *out)
{
    u32 crc = ~0u;
    make_table();
    for (int i = 0; i < OUT; i++) {
        out[i] = next(&seed) >> 11;
        crc = table[(crc ^ out[i]) & 0xff] ^ crc >> 8;
    }
    for (int i = 0; i < OUT / 4; i += 4) put32(out + i, table[(i * 7) & 255]);
    return ~crc;
}
