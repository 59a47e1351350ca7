/* The types that the compiler of DCE knows without an import: its dce/nbase.idl.
 *
 * Files that were written for it use unsigned32, boolean32 or ISO_LATIN_1 and import nothing. When
 * such a name has no declaration, "dce/nbase.idl" or "nbase.idl" is imported where it can be read,
 * or else what stands here, in the manner of a header of C: a header that needs the types repeats
 * them. --strict knows none of it, as MIDL does.
 */
#include <string.h>

#include "idl/compile.h"

static const char text[] =
    "typedef unsigned small unsigned8; typedef unsigned short unsigned16;\n"
    "typedef unsigned long unsigned32; typedef unsigned hyper unsigned64;\n"
    "typedef small signed8; typedef short signed16; typedef long signed32;\n"
    "typedef hyper signed64; typedef unsigned32 boolean32;\n"
    "typedef struct { unsigned32 time_low; unsigned16 time_mid; unsigned16 time_hi_and_version;\n"
    "    unsigned8 clock_seq_hi_and_reserved; unsigned8 clock_seq_low; byte node[6];\n"
    "} uuid_t;\n"
    "typedef uuid_t idl_uuid_t; typedef [ptr] uuid_t *uuid_p_t;\n"
    "typedef byte ISO_LATIN_1;\n"
    "typedef struct { byte row; byte column; } ISO_MULTI_LINGUAL;\n"
    "typedef struct { byte group; byte plane; byte row; byte column; } ISO_UCS;\n"
    "typedef struct { unsigned32 tower_length; [size_is(tower_length)] byte tower_octet_string[];\n"
    "} twr_t;\n"
    "typedef [ptr] twr_t *twr_p_t;\n"
    "typedef struct { unsigned8 int_rep; unsigned8 char_rep; unsigned8 float_rep; byte reserved;\n"
    "} ndr_format_t;\n"
    "typedef [ptr] ndr_format_t *ndr_format_p_t;\n"
    "const long error_status_ok = 0;\n";

static bool is_name(struct ir_idl_str name)
{
    static const char *const names[] = {
        "unsigned8",         "unsigned16", "unsigned32",   "unsigned64",     "signed8",
        "signed16",          "signed32",   "signed64",     "boolean32",      "uuid_t",
        "uuid_p_t",          "idl_uuid_t", "ISO_LATIN_1",  "ISO_UCS",        "twr_t",
        "ISO_MULTI_LINGUAL", "twr_p_t",    "ndr_format_t", "ndr_format_p_t", "error_status_ok",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (ir_idl_str_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

static struct ir_idl_file *find(struct ir_idl_unit *u)
{
    static const char *const names[] = {"dce/nbase.idl", "nbase.idl"};
    struct ir_idl_file *file = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !file; i++) {
        struct ir_idl_str name = {names[i], (uint32_t)strlen(names[i])};
        bool seen;
        file = ir_idl_load(u, name, u->root, &seen);
    }
    if (!file) {
        file = ir_idl_adopt(u, IR_IDL_BUILT_IN "nbase.h", text, sizeof(text) - 1);
    }
    return file;
}

bool ir_idl_import_nbase(struct ir_idl_unit *u, struct ir_idl_str name)
{
    if (u->has_nbase || u->options.strict || !is_name(name)) {
        return false;
    }
    u->has_nbase = true;
    struct ir_idl_file *file = find(u);
    if (!file || file->is_unit) {
        return false;
    }
    ir_idl_parse(u, file);
    struct ir_idl_item *item = ir_idl_new(&u->pool, sizeof(*item));
    item->kind = IR_IDL_ITEM_IMPORT;
    item->u.file = file;
    ir_idl_push(&u->pool, &u->root->items, item);
    return true;
}
