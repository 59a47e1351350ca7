/* mmap(2) and memfd_create(2): seals make sure that a reader's checks stay true. */
#include "os/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

void *ir_os_shared_new(size_t len)
{
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory != MAP_FAILED ? memory : NULL;
}

void ir_os_shared_hide(void *memory, size_t len)
{
    (void)madvise(memory, len, MADV_DONTFORK); /* fails for no memory of ours */
}

void ir_os_shared_free(void *memory, size_t len)
{
    if (memory != NULL) {
        munmap(memory, len);
    }
}

static int fail(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
    return -1;
}

int ir_os_sealed_new(const char *name, size_t len, void (*fill)(void *user, void *memory),
                     void *user)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0) {
        return -1;
    }
    if (ftruncate(fd, (off_t)len) != 0) {
        return fail(fd);
    }
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return fail(fd);
    }
    fill(user, memory);
    munmap(memory, len); /* a writable mapping would keep it from being sealed */
    return fcntl(fd, F_ADD_SEALS, SEALS) == 0 ? fd : fail(fd);
}

const void *ir_os_sealed_map(int fd, size_t *ret_len)
{
    int seals = fcntl(fd, F_GET_SEALS);
    off_t len = lseek(fd, 0, SEEK_END);

    if (seals < 0 || (seals & SEALS) != SEALS || len <= 0) {
        return NULL;
    }
    void *memory = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    *ret_len = (size_t)len;
    return memory;
}
