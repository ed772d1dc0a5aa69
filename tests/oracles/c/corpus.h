/* What every program of the corpus has. Each defines `run`: fill `out` (256 bytes) from `seed`, give a checksum. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;

enum { OUT = 256 };
u32 run(u32 seed, u8 *out);

void *memcpy(void *to, const void *from, u32 size);
void *memmove(void *to, const void *from, u32 size);
void *memset(void *to, int byte, u32 size);
int memcmp(const void *a, const void *b, u32 size);

/* The next number of a sequence (xorshift). */
static inline u32 next(u32 *state)
{
    u32 x = *state ? *state : 0x9e3779b9u;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline void put32(u8 *out, u32 value)
{
    out[0] = value;
    out[1] = value >> 8;
    out[2] = value >> 16;
    out[3] = value >> 24;
}
