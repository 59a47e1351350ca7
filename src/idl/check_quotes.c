/* What cpp_quote writes into the header must fit the rest of it.
 *
 * The text goes out as it is, with three exceptions, of which the first two are said. The header
 * has a guard of its own: an #endif too many would end it, one too few would swallow what follows;
 * so what closes nothing is left out, and what stays open is closed at the end of the file's
 * declarations. A typedef in the text of a name that IDL declares, too, would be a second one, and
 * often another type here (long); IDL's counts. <winapifamily.h>, which no Linux has, gives way to
 * the macro that such text wants of it.
 */
#include <ctype.h>
#include <string.h>

#include "idl/check.h"

struct quotes {
    struct ir_idl_unit *u;
    const struct ir_idl_file *file;
    bool loud;
    uint32_t depth;
    struct ir_idl_pos opened; /* the last #if */
};

static bool is_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    return strncmp(text, word, n) == 0 && strspn(text + n, "abcdefghijklmnopqrstuvwxyz") == 0;
}

/* "typedef unsigned long DWORD;" → DWORD; empty when the text is anything else. */
static struct ir_idl_str quoted_typedef(const char *text)
{
    struct ir_idl_str name = {text, 0};
    const char *end = strchr(text, ';');
    if (!is_word(text, "typedef") || !end || end[1 + strspn(end + 1, " \t\r\n")] != '\0') {
        return name;
    }
    while (end > text && isspace((unsigned char)end[-1])) {
        end--;
    }
    const char *start = end;
    while (start > text && (isalnum((unsigned char)start[-1]) || start[-1] == '_')) {
        start--;
    }
    return (struct ir_idl_str){start, (uint32_t)(end - start)};
}

/* Whether it is C's version of something that IDL declares. */
static bool is_repetition(struct quotes *q, const char *text)
{
    struct ir_idl_str name = quoted_typedef(text);
    const struct ir_idl_sym *sym = name.n ? ir_idl_find(q->u, name, false, NULL, q->file) : NULL;
    return sym && sym->kind == IR_IDL_SYM_TYPEDEF;
}

static void look_at(struct quotes *q, struct ir_idl_item *item)
{
    const char *text = item->u.text + strspn(item->u.text, " \t");
    if (*text != '#') {
        item->dropped = is_repetition(q, text);
        if (item->dropped && q->loud) {
            ir_idl_warn(q->u, item->pos,
                        "IDL declares this type, too; the quoted text is left out");
        }
        return;
    }
    if (strcmp(text, "#include <winapifamily.h>") == 0) {
        item->u.text =
            "#ifndef WINAPI_FAMILY_PARTITION\n#define WINAPI_FAMILY_PARTITION(x) 1\n#endif";
        return;
    }
    text++;
    text += strspn(text, " \t");
    bool closes = is_word(text, "endif");
    bool goes_on = is_word(text, "else") || is_word(text, "elif");
    if (is_word(text, "if") || is_word(text, "ifdef") || is_word(text, "ifndef")) {
        q->depth++;
        q->opened = item->pos;
    } else if ((closes || goes_on) && q->depth == 0) {
        item->dropped = true;
        if (q->loud) {
            ir_idl_warn(q->u, item->pos, "no cpp_quote before this one has the #if; left out");
        }
    } else if (closes) {
        q->depth--;
    }
}

void ir_idl_check_quotes(struct ir_idl_unit *u, struct ir_idl_file *file)
{
    struct quotes q = {.u = u, .file = file, .loud = file == u->root};
    for (uint32_t i = 0; i < file->items.n; i++) {
        struct ir_idl_item *item = file->items.v[i];
        if (item->kind == IR_IDL_ITEM_CPP_QUOTE) {
            look_at(&q, item);
        }
        const struct ir_idl_iface *iface = item->kind == IR_IDL_ITEM_IFACE ? item->u.iface : NULL;
        for (uint32_t k = 0; iface && k < iface->items.n; k++) {
            struct ir_idl_item *inner = iface->items.v[k];
            if (inner->kind == IR_IDL_ITEM_CPP_QUOTE) {
                look_at(&q, inner);
            }
        }
    }
    file->n_open_quotes = q.depth;
    if (q.depth && q.loud) {
        ir_idl_warn(u, q.opened, "no cpp_quote behind this one has the #endif; put at the end");
    }
}
