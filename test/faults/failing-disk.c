/*
 * Loaded before a program (LD_PRELOAD): while the file named by FAULT_FILE is there, nothing more gets to the disk. What stands in it is
 * the fault: "fsync" (EIO, as a dying disk says), "write" (EIO) or "full" (ENOSPC).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fault(const char *kind) {
  static ssize_t (*real_read)(int, void *, size_t);
  const char *file = getenv("FAULT_FILE");
  char text[16] = {0};
  if (!file) return 0;
  if (!real_read) real_read = dlsym(RTLD_NEXT, "read");
  int descriptor = open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  ssize_t length = real_read(descriptor, text, sizeof text - 1);
  close(descriptor);
  return length > 0 && strncmp(text, kind, strlen(kind)) == 0;
}

int fsync(int descriptor) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  if (!fault("fsync")) return real(descriptor);
  errno = EIO;
  return -1;
}

int fdatasync(int descriptor) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
  if (!fault("fsync")) return real(descriptor);
  errno = EIO;
  return -1;
}

static int refused(void) {
  if (fault("full")) errno = ENOSPC;
  else if (fault("write")) errno = EIO;
  else return 0;
  return 1;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  return refused() ? -1 : real(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite");
  return refused() ? -1 : real(descriptor, bytes, count, offset);
}
