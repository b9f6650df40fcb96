// Errors of the guest's kernel as strerror(3) gives them.

export const ERRORS: Record<number, string> = {
  1: 'Operation not permitted',
  5: 'Input/output error',
  6: 'Device not configured',
  12: 'Cannot allocate memory',
  16: 'Device busy',
  22: 'Invalid argument',
  25: 'Inappropriate ioctl for device',
};
