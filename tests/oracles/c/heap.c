/* A first-fit allocator with joining of free neighbours. */
#include "corpus.h"
typedef struct block { u32 size, free; struct block *next; } block;
static u32 arena[1024];

static void *allocate(u32 size)
{
    size = (size + 7) & ~7u;
    for (block *b = (block *)arena; b; b = b->next) {
        if (!b->free || b->size < size) continue;
        if (b->size >= size + sizeof *b + 8) {
            block *rest = (block *)((u8 *)(b + 1) + size);
            *rest = (block){b->size - size - sizeof *b, 1, b->next};
            b->size = size, b->next = rest;
        }
        b->free = 0;
        return b + 1;
    }
    return 0;
}

static void release(void *pointer)
{
    ((block *)pointer - 1)->free = 1;
    for (block *b = (block *)arena; b; b = b->next)
        while (b->free && b->next && b->next->free) b->size += sizeof *b + b->next->size, b->next = b->next->next;
}

u32 run(u32 seed, u8 *out)
{
    u8 *held[32] = {0};
    u32 sum = 0;
    memset(arena, 0, sizeof arena);
    *(block *)arena = (block){sizeof arena - sizeof(block), 1, 0};
    for (int i = 0; i < OUT; i++) {
        u32 slot = next(&seed) % 32, size = (seed >> 8) % 200;
        if (held[slot]) release(held[slot]), held[slot] = 0;
        else if ((held[slot] = allocate(size))) memset(held[slot], i, size);
        out[i] = held[slot] ? (held[slot] - (u8 *)arena) >> 3 : 0xff;
        sum = sum * 9 + out[i];
    }
    return sum;
}
