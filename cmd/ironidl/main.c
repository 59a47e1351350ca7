/* ironidl: compiles an .idl file into a header, stubs and tables.
 *
 * Exit status: 0 done, 1 the source has errors or a file cannot be read or written, 2 wrong use.
 * Output files are written only when the whole source is good, each through a temporary name, so
 * that a build never sees half a file.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idl/idl.h"

enum {
    EXIT_SOURCE = 1,
    EXIT_USAGE = 2,
    MAX_LIST = 256
};

struct command {
    const char *input;
    const char *out_dir;
    const char *depfile;
    const char *acf;
    const char *import_map;
    enum ir_idl_dialect dialect;
    const char *include_dirs[MAX_LIST];
    const char *defines[MAX_LIST];
    size_t n_include_dirs;
    size_t n_defines;
    bool json;
    bool strict;
    bool quiet;
    bool hiding; /* a note belongs to the message before it */
};

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
    "Exit status: 0 done, 1 the source has errors, 2 wrong use.\n";

static int usage_error(const char *why, const char *what)
{
    fprintf(stderr, "ironidl: %s%s\nTry 'ironidl --help'.\n", why, what);
    return EXIT_USAGE;
}

static void print_message(void *ctx, const char *text)
{
    struct command *cmd = ctx;
    if (!strstr(text, ": note: ")) {
        cmd->hiding = cmd->quiet && strstr(text, ": warning: ");
    }
    if (!cmd->hiding) {
        fputs(text, stderr);
    }
}

/* --- files --- */

static char *join(const char *dir, const char *base, const char *suffix)
{
    size_t n = (dir ? strlen(dir) : 0) + strlen(base) + strlen(suffix) + 2;
    char *path = malloc(n);
    if (path) {
        snprintf(path, n, "%s%s%s%s", dir ? dir : "", dir && *dir ? "/" : "", base, suffix);
    }
    return path;
}

static int write_file(const char *path, const struct ir_idl_text *text)
{
    char *temporary = join(NULL, path, ".tmp");
    FILE *out = temporary ? fopen(temporary, "we") : NULL;
    bool ok = out && fwrite(text->p, 1, text->n, out) == text->n;
    if (out) {
        ok = fclose(out) == 0 && ok;
    }
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
        fprintf(stderr, "ironidl: cannot write %s: %s\n", path, strerror(errno));
        if (temporary) {
            remove(temporary);
        }
    }
    free(temporary);
    return ok ? 0 : EXIT_SOURCE;
}

static int write_output(struct ir_idl_unit *unit, const struct command *cmd, const char *base,
                        enum ir_idl_output what, const char *suffix)
{
    struct ir_idl_text text;
    int result = EXIT_SOURCE;
    ir_idl_text_init(&text);
    ir_idl_emit(unit, what, base, &text);
    char *path = join(cmd->out_dir, base, suffix);
    if (text.failed || !path || !text.p) {
        fputs("ironidl: out of memory\n", stderr);
    } else {
        result = write_file(path, &text);
    }
    free(path);
    ir_idl_text_deinit(&text);
    return result;
}

static void add_escaped(struct ir_idl_text *text, const char *path)
{
    for (; *path; path++) {
        if (*path == ' ' || *path == '#' || *path == '\\') {
            ir_idl_text_puts(text, "\\");
        }
        ir_idl_text_puts(text, *path == '$' ? "$" : "");
        ir_idl_text_add(text, path, 1);
    }
}

static int write_depfile(const struct ir_idl_unit *unit, const struct command *cmd,
                         const char *base)
{
    static const char *const suffixes[] = {".h", "_c.c", "_s.c", "_t.c"};
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char *path = join(cmd->out_dir, base, suffixes[i]);
        ir_idl_text_puts(&text, i ? " " : "");
        add_escaped(&text, path ? path : "");
        free(path);
    }
    ir_idl_text_puts(&text, ":");
    for (size_t i = 0; i < ir_idl_unit_n_files(unit); i++) {
        ir_idl_text_puts(&text, " \\\n  ");
        add_escaped(&text, ir_idl_unit_file(unit, i));
    }
    ir_idl_text_puts(&text, "\n");
    int result = text.failed ? EXIT_SOURCE : write_file(cmd->depfile, &text);
    ir_idl_text_deinit(&text);
    return result;
}

static int print_json(struct ir_idl_unit *unit, const char *base)
{
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    ir_idl_emit(unit, IR_IDL_OUT_JSON, base, &text);
    bool ok = !text.failed && text.p && fwrite(text.p, 1, text.n, stdout) == text.n;
    ok = fflush(stdout) == 0 && ok;
    if (!ok) {
        fprintf(stderr, "ironidl: cannot write the output: %s\n",
                text.failed || !text.p ? "out of memory" : strerror(errno));
    }
    ir_idl_text_deinit(&text);
    return ok ? 0 : EXIT_SOURCE;
}

/* --- the command line --- */

static int add(const char **list, size_t *n, const char *value, const char *option)
{
    if (*n == MAX_LIST) {
        return usage_error("too many of ", option);
    }
    list[(*n)++] = value;
    return 0;
}

static int set_dialect(struct command *cmd, const char *name)
{
    if (strcmp(name, "ms") == 0) {
        cmd->dialect = IR_IDL_DIALECT_MS;
    } else if (strcmp(name, "go") == 0) {
        cmd->dialect = IR_IDL_DIALECT_GO;
    } else {
        return usage_error("a dialect is ms or go, not ", name);
    }
    return 0;
}

enum {
    OPT_ACF = 256,
    OPT_IMPORT_MAP,
    OPT_DIALECT,
    OPT_DEPFILE,
    OPT_JSON,
    OPT_STRICT,
    OPT_NO_WARN,
    OPT_HELP,
    OPT_VERSION
};

/* 0, or the exit status after a message. */
static int set_option(struct command *cmd, int option)
{
    switch (option) {
    case 'o':
        cmd->out_dir = optarg;
        return 0;
    case 'I':
        return add(cmd->include_dirs, &cmd->n_include_dirs, optarg, "-I");
    case 'D':
        return add(cmd->defines, &cmd->n_defines, optarg, "-D");
    case OPT_ACF:
        cmd->acf = optarg;
        return 0;
    case OPT_IMPORT_MAP:
        cmd->import_map = optarg;
        return 0;
    case OPT_DIALECT:
        return set_dialect(cmd, optarg);
    case OPT_DEPFILE:
        cmd->depfile = optarg;
        return 0;
    case OPT_JSON:
        cmd->json = true;
        return 0;
    case OPT_STRICT:
        cmd->strict = true;
        return 0;
    case OPT_NO_WARN:
        cmd->quiet = true;
        return 0;
    default:
        fputs("Try 'ironidl --help'.\n", stderr);
        return EXIT_USAGE;
    }
}

/* 0: go on; -1: done, successfully; otherwise the exit status. */
static int parse_command(int argc, char **argv, struct command *cmd)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"acf", required_argument, NULL, OPT_ACF},
        {"import-map", required_argument, NULL, OPT_IMPORT_MAP},
        {"dialect", required_argument, NULL, OPT_DIALECT},
        {"depfile", required_argument, NULL, OPT_DEPFILE},
        {"json", no_argument, NULL, OPT_JSON},
        {"strict", no_argument, NULL, OPT_STRICT},
        {"no-warn", no_argument, NULL, OPT_NO_WARN},
        {"help", no_argument, NULL, OPT_HELP},
        {"version", no_argument, NULL, OPT_VERSION},
        {NULL, 0, NULL, 0},
    };
    int result = 0;
    for (int c; result == 0 && (c = getopt_long(argc, argv, "o:I:D:", options, NULL)) != -1;) {
        if (c == OPT_HELP) {
            fputs(usage_text, stdout);
            return -1;
        }
        if (c == OPT_VERSION) {
            puts("ironidl " IRONRPC_VERSION);
            return -1;
        }
        result = set_option(cmd, c);
    }
    if (result == 0 && optind == argc) {
        return usage_error("no .idl file given", "");
    }
    if (result == 0 && optind + 1 < argc) {
        return usage_error("one file at a time; one too many: ", argv[optind + 1]);
    }
    cmd->input = result == 0 ? argv[optind] : NULL;
    return result;
}

/* "dir/hello.idl" → "hello" */
static char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *start = slash ? slash + 1 : path;
    const char *dot = strrchr(start, '.');
    size_t n = dot && dot != start ? (size_t)(dot - start) : strlen(start);
    return strndup(start, n);
}

static int write_all(struct ir_idl_unit *unit, const struct command *cmd, const char *base)
{
    if (cmd->json) {
        return print_json(unit, base);
    }
    int result = write_output(unit, cmd, base, IR_IDL_OUT_HEADER, ".h");
    result = result ? result : write_output(unit, cmd, base, IR_IDL_OUT_CLIENT, "_c.c");
    result = result ? result : write_output(unit, cmd, base, IR_IDL_OUT_SERVER, "_s.c");
    result = result ? result : write_output(unit, cmd, base, IR_IDL_OUT_TABLES, "_t.c");
    return result || !cmd->depfile ? result : write_depfile(unit, cmd, base);
}

int main(int argc, char **argv)
{
    struct command cmd = {0};
    int result = parse_command(argc, argv, &cmd);
    if (result != 0) {
        return result > 0 ? result : fflush(stdout) == 0 ? 0 : EXIT_SOURCE;
    }
    struct ir_idl_options options = {
        .include_dirs = cmd.include_dirs,
        .n_include_dirs = cmd.n_include_dirs,
        .defines = cmd.defines,
        .n_defines = cmd.n_defines,
        .acf = cmd.acf,
        .import_map = cmd.import_map,
        .dialect = cmd.dialect,
        .strict = cmd.strict,
        .on_message = print_message,
        .message_ctx = &cmd,
    };
    struct ir_idl_unit *unit = NULL;
    if (ir_idl_compile(cmd.input, &options, &unit) != IRPC_OK) {
        return EXIT_SOURCE;
    }
    char *base = base_name(cmd.input);
    result = base ? write_all(unit, &cmd, base) : EXIT_SOURCE;
    free(base);
    ir_idl_unit_free(unit);
    return result;
}
