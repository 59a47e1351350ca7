/* The command line: options of ours, and those of MIDL, so that its makefiles work.
 *
 * One table has all of them. A name stands behind '-', '--' or, as for MIDL, '/'; since '/' also
 * begins a path, such a word is an option only if the table has it and no file of that name exists.
 * Values follow as the next word, or after '='; those of -I, -D and -U may be joined to the name.
 * What MIDL has for other machines, for COM and for its own format of stubs changes nothing here: a
 * note says so once. What would change the meaning of the interface is refused.
 *
 * Source: the MIDL command-line reference.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum form {
    ALONE,    /* -strict */
    VALUE,    /* -out DIR, -out=DIR */
    JOINED,   /* -I DIR, -IDIR */
    ATTACHED, /* -W4 */
};

enum id {
    OUTPUT,
    INCLUDE,
    DEFINE,
    UNDEFINE,
    ACF,
    IMPORT_MAP,
    DIALECT,
    DEPFILE,
    JSON,
    STRICT,
    NO_WARN,
    HELP,
    VERSION,
    HEADER,
    CSTUB,
    SSTUB,
    CLIENT,
    SERVER,
    PREFIX,
    OLDNAMES,
    MS_UNION,
    CPP_OPT,
    CHECK_ONLY,
    WARN_LEVEL,
    WARN_ERROR,
    SILENT,    /* nothing to say about it */
    NO_EFFECT, /* a note */
    REFUSED,
};

struct row {
    const char *name;
    uint8_t form;
    uint8_t id;
    const char *why; /* REFUSED */
};

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

#define WINRT "the Windows Runtime has no RPC interfaces"
#define TYPELIB "type libraries are for COM alone"

/* clang-format off */
static const struct row rows[] = {
    {"o", VALUE, OUTPUT, NULL},           {"output", VALUE, OUTPUT, NULL},
    {"out", VALUE, OUTPUT, NULL},         {"I", JOINED, INCLUDE, NULL},
    {"D", JOINED, DEFINE, NULL},          {"U", JOINED, UNDEFINE, NULL},
    {"acf", VALUE, ACF, NULL},            {"import-map", VALUE, IMPORT_MAP, NULL},
    {"dialect", VALUE, DIALECT, NULL},    {"depfile", VALUE, DEPFILE, NULL},
    {"json", ALONE, JSON, NULL},          {"strict", ALONE, STRICT, NULL},
    {"no-warn", ALONE, NO_WARN, NULL},    {"no_warn", ALONE, NO_WARN, NULL},
    {"help", ALONE, HELP, NULL},          {"?", ALONE, HELP, NULL},
    {"version", ALONE, VERSION, NULL},    {"header", VALUE, HEADER, NULL},
    {"h", VALUE, HEADER, NULL},           {"cstub", VALUE, CSTUB, NULL},
    {"sstub", VALUE, SSTUB, NULL},        {"client", VALUE, CLIENT, NULL},
    {"server", VALUE, SERVER, NULL},      {"prefix", VALUE, PREFIX, NULL},
    {"oldnames", ALONE, OLDNAMES, NULL},  {"ms_union", ALONE, MS_UNION, NULL},
    {"cpp_opt", VALUE, CPP_OPT, NULL},    {"syntax_check", ALONE, CHECK_ONLY, NULL},
    {"Zs", ALONE, CHECK_ONLY, NULL},      {"WX", ALONE, WARN_ERROR, NULL},
    {"W", ATTACHED, WARN_LEVEL, NULL},    {"nologo", ALONE, SILENT, NULL},

    {"Oi", ALONE, NO_EFFECT, NULL},       {"Oic", ALONE, NO_EFFECT, NULL},
    {"Oicf", ALONE, NO_EFFECT, NULL},     {"Oif", ALONE, NO_EFFECT, NULL},
    {"Os", ALONE, NO_EFFECT, NULL},       {"Zp", ATTACHED, NO_EFFECT, NULL},
    {"align", VALUE, NO_EFFECT, NULL},    {"amd64", ALONE, NO_EFFECT, NULL},
    {"app_config", ALONE, NO_EFFECT, NULL}, {"arm64", ALONE, NO_EFFECT, NULL},
    {"c_ext", ALONE, NO_EFFECT, NULL},    {"char", VALUE, NO_EFFECT, NULL},
    {"confirm", ALONE, NO_EFFECT, NULL},  {"cpp_cmd", VALUE, NO_EFFECT, NULL},
    {"dlldata", VALUE, NO_EFFECT, NULL},  {"env", VALUE, NO_EFFECT, NULL},
    {"error", VALUE, NO_EFFECT, NULL},    {"ia64", ALONE, NO_EFFECT, NULL},
    {"iid", VALUE, NO_EFFECT, NULL},      {"lcid", VALUE, NO_EFFECT, NULL},
    {"ms_conf_struct", ALONE, NO_EFFECT, NULL}, {"ms_ext", ALONE, NO_EFFECT, NULL},
    {"msc_ver", VALUE, NO_EFFECT, NULL},  {"newtlb", ALONE, NO_EFFECT, NULL},
    {"no_cpp", ALONE, NO_EFFECT, NULL},   {"no_def_idir", ALONE, NO_EFFECT, NULL},
    {"no_default_epv", ALONE, NO_EFFECT, NULL}, {"no_format_opt", ALONE, NO_EFFECT, NULL},
    {"no_robust", ALONE, NO_EFFECT, NULL}, {"no_settings_comment", ALONE, NO_EFFECT, NULL},
    {"no_stamp", ALONE, NO_EFFECT, NULL}, {"nocpp", ALONE, NO_EFFECT, NULL},
    {"notlb", ALONE, NO_EFFECT, NULL},    {"oldtlb", ALONE, NO_EFFECT, NULL},
    {"pack", VALUE, NO_EFFECT, NULL},     {"protocol", VALUE, NO_EFFECT, NULL},
    {"proxy", VALUE, NO_EFFECT, NULL},    {"robust", ALONE, NO_EFFECT, NULL},
    {"rpcss", ALONE, NO_EFFECT, NULL},
    {"sal", ALONE, NO_EFFECT, NULL},      {"target", VALUE, NO_EFFECT, NULL},
    {"tlb", VALUE, NO_EFFECT, NULL},      {"use_epv", ALONE, NO_EFFECT, NULL},
    {"win32", ALONE, NO_EFFECT, NULL},    {"win64", ALONE, NO_EFFECT, NULL},
    {"x64", ALONE, NO_EFFECT, NULL},      {"x86", ALONE, NO_EFFECT, NULL},

    {"enum_class", ALONE, REFUSED, WINRT}, {"metadata_dir", VALUE, REFUSED, WINRT},
    {"ns_prefix", ALONE, REFUSED, WINRT}, {"winmd", VALUE, REFUSED, WINRT},
    {"winrt", ALONE, REFUSED, WINRT},     {"mktyplib203", ALONE, REFUSED, TYPELIB},
    {"savePP", ALONE, REFUSED, "use a C preprocessor for that"},
};
/* clang-format on */

static const char usage_text[] =
    "Usage: ironidl [options] FILE.idl\n"
    "Compile an interface into FILE.h, FILE_c.c (client), FILE_s.c (server), FILE_t.c (tables).\n"
    "\n"
    "  -o, --output DIR    write the files there (default: the current directory)\n"
    "  -I DIR              look for imported and included files there, too\n"
    "  -D NAME[=VALUE]     define a macro\n"
    "      --acf FILE      add the attributes of this file (default: FILE.acf, where it exists)\n"
    "      --import-map MAP  where imported files are that have other names\n"
    "      --dialect ms|go what the source takes for granted (default: ms)\n"
    "      --depfile FILE  write a make rule that lists the files that were read\n"
    "      --json          print the layout as JSON and write no files\n"
    "      --strict        reject repeated declarations that are tolerated otherwise\n"
    "      --no-warn       print errors only\n"
    "      --help          print this text\n"
    "      --version       print the version\n"
    "\n"
    "Options of MIDL are taken, too, behind - or /: out, header, cstub, sstub, client none,\n"
    "server none, prefix, oldnames, cpp_opt and others; see ironidl(1).\n"
    "\n"
    "Exit status: 0 done, 1 the source has errors, 2 wrong use.\n";

/* What is read while words are. */
struct reader {
    struct command *cmd;
    char **word;  /* the next one; NULL ends */
    char *option; /* the word that is being read */
    char *value;
    char *notes; /* words without effect, separated by blanks */
    int status;  /* -1: go on */
};

static void wrong_use(struct reader *r, const char *why, const char *what)
{
    fprintf(stderr, "ironidl: %s%s\nTry 'ironidl --help'.\n", why, what);
    r->status = EXIT_USAGE;
}

static void add(struct reader *r, const char **list, size_t *n, const char *value)
{
    if (*n == MAX_LIST) {
        wrong_use(r, "too many of ", r->option);
        return;
    }
    list[(*n)++] = value;
}

static bool none_or_stub(struct reader *r)
{
    bool none = strcmp(r->value, "none") == 0;
    if (!none && strcmp(r->value, "stub") != 0) {
        wrong_use(r, "-client and -server take none or stub, not ", r->value);
    }
    return none;
}

static void set_dialect(struct reader *r)
{
    if (strcmp(r->value, "ms") == 0) {
        r->cmd->options.dialect = IR_IDL_DIALECT_MS;
    } else if (strcmp(r->value, "go") == 0) {
        r->cmd->options.dialect = IR_IDL_DIALECT_GO;
    } else {
        wrong_use(r, "a dialect is ms or go, not ", r->value);
    }
}

/* -prefix client "c_" server "s_": pairs, up to a word that begins none. */
static void set_prefixes(struct reader *r)
{
    struct ir_idl_options *o = &r->cmd->options;
    const char *role = r->value;
    for (;;) {
        bool all = strcmp(role, "all") == 0;
        bool client = all || strcmp(role, "client") == 0;
        bool server = all || strcmp(role, "server") == 0;
        bool known = client || server || strcmp(role, "switch") == 0;
        if (!known || !*r->word) {
            wrong_use(r, "-prefix takes client, server, switch or all, and a text; not ", role);
            return;
        }
        const char *prefix = *r->word++;
        if (prefix[strspn(prefix, LETTERS)] != '\0') {
            wrong_use(r, "no name in C begins with ", prefix);
            return;
        }
        o->client_prefix = client ? prefix : o->client_prefix;
        o->server_prefix = server ? prefix : o->server_prefix;
        role = *r->word;
        if (!role || (strcmp(role, "client") != 0 && strcmp(role, "server") != 0 &&
                      strcmp(role, "switch") != 0 && strcmp(role, "all") != 0)) {
            return;
        }
        r->word++;
    }
}

/* -U NAME takes back what -D said before. */
static void undefine(struct reader *r)
{
    struct command *cmd = r->cmd;
    size_t len = strlen(r->value);
    size_t kept = 0;
    for (size_t i = 0; i < cmd->options.n_defines; i++) {
        const char *define = cmd->defines[i];
        bool same =
            strncmp(define, r->value, len) == 0 && (define[len] == '\0' || define[len] == '=');
        if (!same) {
            cmd->defines[kept++] = define;
        }
    }
    cmd->options.n_defines = kept;
}

/* Folders of -I: MIDL separates them by semicolons. */
static void add_folders(struct reader *r)
{
    for (char *at = r->value; at && r->status < 0;) {
        char *end = strchr(at, ';');
        if (end) {
            *end = '\0';
        }
        for (char *p = at; *p; p++) {
            *p = *p == '\\' ? '/' : *p;
        }
        if (*at) {
            add(r, r->cmd->include_dirs, &r->cmd->options.n_include_dirs, at);
        }
        at = end ? end + 1 : NULL;
    }
}

static void read_words(struct reader *r);

/* What -cpp_opt says to the preprocessor: only macros and folders mean something to ours. */
static void read_cpp_options(struct reader *r)
{
    char *words[MAX_LIST + 1];
    size_t n = 0;
    for (char *word = strtok(r->value, " \t\""); word && n < MAX_LIST;
         word = strtok(NULL, " \t\"")) {
        bool wanted = (word[0] == '-' || word[0] == '/') && word[1] && strchr("DIU", word[1]);
        bool is_value = n > 0 && words[n - 1][1] != '\0' && words[n - 1][2] == '\0' &&
                        (words[n - 1][0] == '-' || words[n - 1][0] == '/');
        if (wanted || is_value) {
            words[n++] = word;
        }
    }
    words[n] = NULL;
    struct reader inner = {.cmd = r->cmd, .word = words, .status = -1};
    read_words(&inner);
    free(inner.notes);
    r->status = inner.status;
}

static void note(struct reader *r)
{
    size_t len = r->notes ? strlen(r->notes) : 0;
    size_t more = strlen(r->option) + 2;
    char *grown = realloc(r->notes, len + more);
    if (grown) {
        snprintf(grown + len, more, " %s", r->option);
        r->notes = grown;
    }
}

static void print_version(struct reader *r)
{
    puts("ironidl " IRONRPC_VERSION);
    r->status = fflush(stdout) == 0 ? 0 : EXIT_SOURCE;
}

static void print_help(struct reader *r)
{
    fputs(usage_text, stdout);
    r->status = fflush(stdout) == 0 ? 0 : EXIT_SOURCE;
}

static void apply(struct reader *r, const struct row *row)
{
    struct command *cmd = r->cmd;
    /* clang-format off */
    switch ((enum id)row->id) {
    case OUTPUT: cmd->out_dir = r->value; break;
    case INCLUDE: add_folders(r); break;
    case DEFINE: add(r, cmd->defines, &cmd->options.n_defines, r->value); break;
    case UNDEFINE: undefine(r); break;
    case ACF: cmd->options.acf = r->value; break;
    case IMPORT_MAP: cmd->options.import_map = r->value; break;
    case DIALECT: set_dialect(r); break;
    case DEPFILE: cmd->depfile = r->value; break;
    case JSON: cmd->json = true; break;
    case STRICT: cmd->options.strict = true; break;
    case NO_WARN: cmd->quiet = true; break;
    case HELP: print_help(r); break;
    case VERSION: print_version(r); break;
    case HEADER: cmd->header = r->value; break;
    case CSTUB: cmd->client = r->value; break;
    case SSTUB: cmd->server = r->value; break;
    case CLIENT: cmd->no_client = none_or_stub(r); break;
    case SERVER: cmd->no_server = none_or_stub(r); break;
    case PREFIX: set_prefixes(r); break;
    case OLDNAMES: cmd->options.old_names = true; break;
    case MS_UNION: cmd->options.ms_union = true; break;
    case CPP_OPT: read_cpp_options(r); break;
    case CHECK_ONLY: cmd->check_only = true; break;
    case WARN_LEVEL: cmd->quiet = strcmp(r->value, "0") == 0; break;
    case WARN_ERROR: cmd->warnings_are_errors = true; break;
    case SILENT: break;
    case NO_EFFECT: note(r); break;
    case REFUSED:
        fprintf(stderr, "ironidl: %s cannot be obeyed: %s\n", r->option, row->why);
        r->status = EXIT_USAGE;
        break;
    }
    /* clang-format on */
}

/* The row of an option's name; *ret_value: what is joined to it, or NULL. */
static const struct row *find(char *name, char **ret_value)
{
    const struct row *best = NULL;
    size_t best_len = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        size_t len = strlen(row->name);
        if (strncmp(name, row->name, len) != 0) {
            continue;
        }
        bool exact = name[len] == '\0' && row->form != ATTACHED;
        bool valued = name[len] == '=' && row->form == VALUE;
        bool joined = name[len] != '\0' && (row->form == JOINED || row->form == ATTACHED);
        if ((exact || valued || joined) && len > best_len) {
            best = row;
            best_len = len;
            *ret_value = exact ? NULL : name + len + valued;
        }
    }
    return best;
}

/* The row that @word asks for, or NULL when it is none of an option. */
static const struct row *find_option(char *word, char **ret_value)
{
    if (word[0] == '-' && word[1] != '\0') {
        return find(word + 1 + (word[1] == '-'), ret_value);
    }
    const struct row *row = word[0] == '/' ? find(word + 1, ret_value) : NULL;
    return row && access(word, F_OK) != 0 ? row : NULL;
}

static void read_input(struct reader *r)
{
    if (r->cmd->input) {
        wrong_use(r, "one file at a time; one too many: ", r->option);
        return;
    }
    r->cmd->input = r->option;
}

static void read_words(struct reader *r)
{
    bool only_files = false;
    while (*r->word && r->status < 0) {
        r->option = *r->word++;
        r->value = NULL;
        if (!only_files && strcmp(r->option, "--") == 0) {
            only_files = true;
            continue;
        }
        const struct row *row = only_files ? NULL : find_option(r->option, &r->value);
        bool dashed = r->option[0] == '-' && r->option[1] != '\0';
        if (!row && dashed && !only_files) {
            wrong_use(r, "unknown option: ", r->option);
        } else if (!row) {
            read_input(r);
        } else if (!r->value && row->form != ALONE && !*r->word) {
            wrong_use(r, "a value is missing after ", r->option);
        } else {
            r->value = r->value || row->form == ALONE ? r->value : *r->word++;
            apply(r, row);
        }
    }
}

int ir_idl_read_command(int argc, char **argv, struct command *cmd)
{
    struct reader r = {.cmd = cmd, .word = argv + (argc > 0), .status = -1};
    cmd->options.include_dirs = cmd->include_dirs;
    cmd->options.defines = cmd->defines;
    read_words(&r);
    if (r.status < 0 && !cmd->input) {
        wrong_use(&r, "no .idl file given", "");
    }
    if (r.status < 0 && r.notes && !cmd->quiet) {
        fprintf(stderr, "ironidl: note: without effect here:%s\n", r.notes);
    }
    free(r.notes);
    return r.status;
}
