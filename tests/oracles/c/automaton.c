/* A matcher of patterns with * and ?, and a number recognizer by a table of states. */
#include "corpus.h"

static int match(const char *pattern, const char *text)
{
    for (; *pattern; pattern++, text++) {
        if (*pattern == '*') {
            do if (match(pattern + 1, text)) return 1; while (*text++);
            return 0;
        }
        if (!*text || (*pattern != '?' && *pattern != *text)) return 0;
    }
    return !*text;
}

static int class_of(char c)
{
    return c >= '0' && c <= '9' ? 0 : c == '.' ? 1 : c == 'e' || c == 'E' ? 2 : c == '+' || c == '-' ? 3 : 4;
}

static int is_number(const char *text)
{
    static const i8 table[7][5] = {{1, -1, -1, 6, -1}, {1, 2, 3, -1, -1}, {2, -1, 3, -1, -1}, {5, -1, -1, 4, -1},
                                   {5, -1, -1, -1, -1}, {5, -1, -1, -1, -1}, {1, -1, -1, -1, -1}};
    int state = 0;
    for (; *text && state >= 0; text++) state = table[state][class_of(*text)];
    return state == 1 || state == 2 || state == 5;
}

u32 run(u32 seed, u8 *out)
{
    static const char *const patterns[] = {"*", "a*b", "?b*", "*aa*", "a?a?*", "b*a*b", "", "*b"};
    char text[10];
    u32 sum = 0;
    for (int i = 0; i < OUT / 2; i++) {
        u32 size = next(&seed) % 9, bits = 0;
        for (u32 j = 0; j < size; j++) text[j] = "ab"[seed >> (9 + j) & 1];
        text[size] = 0;
        for (int p = 0; p < 8; p++) bits |= match(patterns[p], text) << p;
        for (u32 j = 0; j < size; j++) text[j] = "01.e-9+5"[next(&seed) % 8];
        out[i] = bits;
        sum = sum * 3 + bits + (is_number(text) << 10);
    }
    return sum;
}
