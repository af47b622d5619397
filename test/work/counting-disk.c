/*
 * Loaded before a program (LD_PRELOAD): writes one byte to the file named by FLUSHES_FILE for each fsync and fdatasync, so that its size
 * is how often something was made durable.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void counted(void) {
  const char *file = getenv("FLUSHES_FILE");
  if (!file) return;
  int descriptor = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return;
  ssize_t written = write(descriptor, "f", 1);
  (void)written;
  close(descriptor);
}

int fsync(int descriptor) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  counted();
  return real(descriptor);
}

int fdatasync(int descriptor) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
  counted();
  return real(descriptor);
}
