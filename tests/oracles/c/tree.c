/* A binary search tree: insert, remove, walk; nodes from a pool. */
#include "corpus.h"
typedef struct node { i32 key; struct node *child[2]; } node;
static node pool[128];
static u32 used;

static node **find(node **at, i32 key)
{
    while (*at && (*at)->key != key) at = &(*at)->child[(*at)->key < key];
    return at;
}

static void insert(node **root, i32 key)
{
    node **at = find(root, key);
    if (*at || used == 128) return;
    *at = &pool[used++];
    **at = (node){key, {0, 0}};
}

static void take(node **root, i32 key)
{
    node **at = find(root, key), *gone = *at;
    if (!gone) return;
    if (!gone->child[0] || !gone->child[1]) { *at = gone->child[!gone->child[0]]; return; }
    node **least = &gone->child[1];
    while ((*least)->child[0]) least = &(*least)->child[0];
    gone->key = (*least)->key;
    *least = (*least)->child[1];
}

static u8 *walk(const node *n, u8 *out, u32 depth)
{
    if (!n) return out;
    out = walk(n->child[0], out, depth + 1);
    *out++ = n->key, *out++ = depth;
    return walk(n->child[1], out, depth + 1);
}

u32 run(u32 seed, u8 *out)
{
    node *root = 0;
    used = 0;
    memset(out, 0, OUT);
    for (int i = 0; i < 120; i++) insert(&root, (i32)next(&seed) >> 22);
    for (int i = 0; i < 200; i++) take(&root, (i32)next(&seed) >> 22);
    u8 *end = walk(root, out, 0);
    u32 sum = end - out;
    for (u8 *p = out; p < end; p++) sum = sum * 31 + *p;
    return sum;
}
