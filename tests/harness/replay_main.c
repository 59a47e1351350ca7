/* main() of a fuzz target outside libFuzzer: replays every file of the folders it is given and then
 * a few mutations of each (truncations, every byte set to 00 01 7f 80 ff within the first 64), so
 * that a corpus is worth more than its own bytes. TAP: one line per target.
 *
 *     fuzz_bind NAME FOLDER...        fuzz_bind FILE        (one input, no mutations)
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char current[512]; /* the input that runs now, for the crash handler */
static unsigned long n_inputs;

static void report_crash(int number)
{
    static const char head[] = "# crashed on a replay of ";
    ssize_t ignored = write(STDOUT_FILENO, head, sizeof head - 1);
    ignored += write(STDOUT_FILENO, current, strlen(current));
    ignored += write(STDOUT_FILENO, "\nnot ok 1 - replay\n", 19);
    signal(number, SIG_DFL);
    if (ignored >= 0) {
        raise(number);
    }
}

/* Runs a copy that ends where its allocation ends, so that ASan sees an over-read. */
static void run_one(const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    n_inputs++;
}

static void run_mutations(uint8_t *bytes, size_t n)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t reach = n < 64 ? n : 64;
    for (size_t cut = 0; cut < reach; cut++) {
        run_one(bytes, cut);
        run_one(bytes, n - 1 - cut);
    }
    for (size_t i = 0; i < reach; i++) {
        uint8_t saved = bytes[i];
        for (size_t v = 0; v < sizeof values; v++) {
            bytes[i] = values[v];
            run_one(bytes, n);
        }
        bytes[i] = saved;
    }
}

/* Returns 0, or 1 if the file cannot be read. */
static int replay_file(const char *path, int mutate)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("# cannot read %s\n", path);
        return 1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    snprintf(current, sizeof current, "%s", path);
    run_one(bytes, n);
    if (mutate) {
        run_mutations(bytes, n);
    }
    return 0;
}

static int replay_folder(const char *folder, unsigned *n_files)
{
    int failed = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return 0; /* no regress/NAME yet */
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        char path[1024];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            failed |= replay_file(path, 1);
            (*n_files)++;
        }
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    unsigned n_files = 0;
    int failed = 0;
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    if (argc == 2) {
        return replay_file(argv[1], 0);
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..1\n");
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) {
        signal(crashes[i], report_crash);
    }
    for (int i = 2; i < argc; i++) {
        failed |= replay_folder(argv[i], &n_files);
    }
    failed |= n_files == 0; /* a target without a corpus tests nothing */
    printf("%s 1 - fuzz_%s: %u files, %lu inputs\n", failed ? "not ok" : "ok",
           argc > 1 ? argv[1] : "?", n_files, n_inputs);
    return failed;
}
