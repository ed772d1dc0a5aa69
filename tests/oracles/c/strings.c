/* C strings: length, copy, compare, search, reverse, upper case, tokens. */
#include "corpus.h"

static u32 length(const char *s)
{
    const char *end = s;
    while (*end) end++;
    return end - s;
}

static int compare(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return *(const u8 *)a - *(const u8 *)b;
}

static const char *find(const char *text, const char *word)
{
    for (u32 n = length(word); *text; text++)
        if (!memcmp(text, word, n)) return text;
    return 0;
}

static void upper(char *s)
{
    for (; *s; s++)
        if (*s >= 'a' && *s <= 'z') *s -= 'a' - 'A';
}

static void reverse(char *s)
{
    for (char *end = s + length(s) - 1; s < end;) {
        char c = *s;
        *s++ = *end, *end-- = c;
    }
}

u32 run(u32 seed, u8 *out)
{
    static const char *const words[] = {"ring", "trap", "gate", "page", "fault", "task", "segment", "a", ""};
    char *text = (char *)out;
    u32 at = 0, sum = 0;
    while (at < 200) {
        const char *word = words[next(&seed) % 9];
        memcpy(text + at, word, length(word));
        at += length(word);
        text[at++] = ' ';
    }
    memset(text + at, 0, OUT - at);
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++) sum = sum * 3 + compare(words[i], words[j]);
    const char *found = find(text, "fault");
    if (found) sum += found - text;
    upper(text + at / 2);
    reverse(text);
    return sum + length(text);
}
