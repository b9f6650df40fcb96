// CPUs of the host (mp_ncpus, hw.ncpu): a number that programs ask for. Threads are not bound to any of them.

export const MP_NCPUS = 4;
