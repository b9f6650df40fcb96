// Errors of the kernel: numbers of errno(2).

/** Errors of the kernel, by name; text as strerror(3) gives it. */
export const ERRNO = {
  EPERM: [1, 'Operation not permitted'],
  ENOENT: [2, 'No such file or directory'],
  ENXIO: [6, 'Device not configured'],
  ENOMEM: [12, 'Cannot allocate memory'],
  EFAULT: [14, 'Bad address'],
  EBUSY: [16, 'Device busy'],
  ENODEV: [19, 'Operation not supported by device'],
  EEXIST: [17, 'File exists'],
  EINVAL: [22, 'Invalid argument'],
  EIO: [5, 'Input/output error'],
  EBADF: [9, 'Bad file descriptor'],
  ENOTTY: [25, 'Inappropriate ioctl for device'],
  EOPNOTSUPP: [45, 'Operation not supported'],
} as const;
export type Errno = keyof typeof ERRNO;
