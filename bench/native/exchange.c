/*
 * The C twin of the lab's guest-to-host exchange: what the same algorithm does on this machine without a browser.
 *
 * Three threads. G, the guest's program, fills slots of its TX ring and publishes head in a CSB; it kicks only when
 * the host asked for it. K, the host's kernel thread, takes head, transfers the slots to a receiver's ring (as a
 * netmap pipe does, by swapping whole slots; or as VALE does, by copying each packet under a reservation) and
 * publishes hwcur and hwtail. R, the receiver, consumes. Whoever finds nothing to do asks to be woken, looks once
 * more (the double check), and only then sleeps.
 *
 * Who writes what: tx.head G; tx.hwcur, tx.hwtail K; rx.hwtail K; rx.head R; each need flag its sleeper, cleared by
 * whoever wakes it. Linux only (futex). Use: exchange pipe|vale [seconds]. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NUM_SLOTS 1024u
#define BURST 512u
#define PKT_LEN 64u
#define BUF_SIZE 2048u
#define CACHE_LINE 64
#define NSEC 1000000000ull

/* netmap(4)'s slot: 16 bytes. */
struct slot {
	uint32_t buf_idx;
	uint16_t len;
	uint16_t flags;
	uint64_t ptr;
};
_Static_assert(sizeof(struct slot) == 16, "a slot is 16 bytes");

struct ring {
	struct slot slot[NUM_SLOTS];
	_Alignas(CACHE_LINE) _Atomic uint32_t head;   /* up to here the program is done */
	_Alignas(CACHE_LINE) _Atomic uint32_t hwcur;  /* up to here the kernel is done */
	_Atomic uint32_t hwtail;                      /* from here on the kernel owns the slots */
};

/* A place to sleep: an event counter (so that a wake-up between check and sleep is not lost) and a need flag. */
struct sleeper {
	_Alignas(CACHE_LINE) _Atomic uint32_t need;
	_Alignas(CACHE_LINE) _Atomic uint32_t event;
	_Alignas(CACHE_LINE) uint64_t wakeups; /* real returns from sleep; the sleeper's own */
};

static struct ring tx, rx;
static struct sleeper guest, host, receiver;
static uint8_t *buffers;
static _Atomic int stopping;
static uint64_t kicks;     /* G's own */
static uint64_t received;  /* R's own */
static uint64_t digest;    /* R's own: the work that cannot be optimised away */
static int vale;
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t lease; /* vale: reserved so far in rx; under queue_lock */

static uint64_t
now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC + (uint64_t)ts.tv_nsec;
}

static inline uint32_t dist(uint32_t from, uint32_t to) { return (to - from) & (NUM_SLOTS - 1); }
static inline uint32_t ld(_Atomic uint32_t *p) { return atomic_load_explicit(p, memory_order_acquire); }
static inline void st(_Atomic uint32_t *p, uint32_t v) { atomic_store_explicit(p, v, memory_order_release); }

static void
wake(struct sleeper *s)
{
	atomic_fetch_add(&s->event, 1);
	syscall(SYS_futex, &s->event, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* After publishing: wake the other side if it asked. The fence pairs with the one in doze(). */
static int
notify(struct sleeper *s)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (!ld(&s->need))
		return 0;
	st(&s->need, 0);
	wake(s);
	return 1;
}

/* Ask for a wake-up, look again, sleep. A bounded sleep: a bug shows as slowness, not as a hang. */
static void
doze(struct sleeper *s, int (*ready)(void))
{
	uint32_t event = ld(&s->event);
	struct timespec bound = { .tv_sec = 0, .tv_nsec = 100000000 };

	st(&s->need, 1);
	atomic_thread_fence(memory_order_seq_cst);
	if (!ready() && !atomic_load(&stopping)) {
		if (syscall(SYS_futex, &s->event, FUTEX_WAIT_PRIVATE, event, &bound, NULL, 0) == 0)
			s->wakeups++;
	}
	st(&s->need, 0);
}

static int guest_ready(void) { return ld(&tx.head) != ld(&tx.hwtail); }
static int host_has_work(void) { return ld(&tx.head) != ld(&tx.hwcur); }
static int host_ready(void) { return host_has_work() && dist(ld(&rx.hwtail), (ld(&rx.head) - 1) & (NUM_SLOTS - 1)); }
static int receiver_ready(void) { return ld(&rx.head) != ld(&rx.hwtail); }

static void *
guest_thread(void *arg)
{
	uint32_t head = 0, seq = 0;

	(void)arg;
	while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
		uint32_t n = dist(head, ld(&tx.hwtail));
		if (n == 0) {
			doze(&guest, guest_ready);
			continue;
		}
		if (n > BURST)
			n = BURST;
		for (uint32_t i = 0; i < n; i++) {
			struct slot *s = &tx.slot[head];
			s->len = PKT_LEN;
			s->flags = 0;
			memcpy(buffers + (size_t)s->buf_idx * BUF_SIZE, &seq, sizeof(seq));
			seq++;
			head = (head + 1) & (NUM_SLOTS - 1);
		}
		st(&tx.head, head);
		kicks += (uint64_t)notify(&host);
	}
	return NULL;
}

/* netmap_pipe: the slots change rings, the packets stay where they are. */
static void
pipe_transfer(uint32_t t, uint32_t r, uint32_t n)
{
	while (n--) {
		struct slot tmp = rx.slot[r];
		rx.slot[r] = tx.slot[t];
		tx.slot[t] = tmp;
		t = (t + 1) & (NUM_SLOTS - 1);
		r = (r + 1) & (NUM_SLOTS - 1);
	}
	st(&rx.hwtail, r);
}

/* netmap_vale: reserve under the queue's lock, copy without it, commit under it. */
static void
vale_transfer(uint32_t t, uint32_t n)
{
	uint32_t r;

	pthread_mutex_lock(&queue_lock);
	r = lease;
	lease = (lease + n) & (NUM_SLOTS - 1);
	pthread_mutex_unlock(&queue_lock);
	for (uint32_t i = 0; i < n; i++) {
		struct slot *s = &tx.slot[t], *d = &rx.slot[r];
		memcpy(buffers + (size_t)d->buf_idx * BUF_SIZE, buffers + (size_t)s->buf_idx * BUF_SIZE, PKT_LEN);
		d->len = s->len;
		d->flags = s->flags;
		t = (t + 1) & (NUM_SLOTS - 1);
		r = (r + 1) & (NUM_SLOTS - 1);
	}
	pthread_mutex_lock(&queue_lock);
	st(&rx.hwtail, r);
	pthread_mutex_unlock(&queue_lock);
}

static void *
host_thread(void *arg)
{
	uint32_t cur = 0;

	(void)arg;
	while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
		uint32_t tail = ld(&rx.hwtail);
		uint32_t n = dist(cur, ld(&tx.head)), room = dist(tail, (ld(&rx.head) - 1) & (NUM_SLOTS - 1));
		if (n > room)
			n = room;
		if (n == 0) {
			doze(&host, host_ready);
			continue;
		}
		if (vale)
			vale_transfer(cur, n);
		else
			pipe_transfer(cur, tail, n);
		cur = (cur + n) & (NUM_SLOTS - 1);
		st(&tx.hwcur, cur);
		st(&tx.hwtail, (cur - 1) & (NUM_SLOTS - 1));
		notify(&receiver);
		notify(&guest);
	}
	return NULL;
}

static void *
receiver_thread(void *arg)
{
	uint32_t head = 0;

	(void)arg;
	while (!atomic_load_explicit(&stopping, memory_order_relaxed)) {
		uint32_t n = dist(head, ld(&rx.hwtail));
		if (n == 0) {
			doze(&receiver, receiver_ready);
			continue;
		}
		if (n > BURST)
			n = BURST;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t seq;
			memcpy(&seq, buffers + (size_t)rx.slot[head].buf_idx * BUF_SIZE, sizeof(seq));
			if (seq != (uint32_t)(received + i)) {
				fprintf(stderr, "exchange: packet %llu carries %u\n", (unsigned long long)(received + i), seq);
				exit(1);
			}
			digest += seq + rx.slot[head].len;
			head = (head + 1) & (NUM_SLOTS - 1);
		}
		received += n;
		st(&rx.head, head);
		notify(&host);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t g, k, r;
	double seconds = argc > 2 ? atof(argv[2]) : 1.0, spent;
	uint64_t began;
	struct timespec pause;

	if (argc < 2 || (strcmp(argv[1], "pipe") && strcmp(argv[1], "vale")) || !(seconds > 0 && seconds <= 3600)) {
		fprintf(stderr, "usage: exchange pipe|vale [seconds]\n");
		return 2;
	}
	vale = !strcmp(argv[1], "vale");
	buffers = calloc(2 * NUM_SLOTS, BUF_SIZE);
	if (buffers == NULL) {
		perror("exchange");
		return 1;
	}
	for (uint32_t i = 0; i < NUM_SLOTS; i++) {
		tx.slot[i].buf_idx = i;
		rx.slot[i].buf_idx = NUM_SLOTS + i;
	}
	atomic_store(&tx.hwtail, NUM_SLOTS - 1);
	pause.tv_sec = (time_t)seconds;
	pause.tv_nsec = (long)((seconds - (double)pause.tv_sec) * 1e9);
	began = now();
	if (pthread_create(&r, NULL, receiver_thread, NULL) || pthread_create(&k, NULL, host_thread, NULL) ||
	    pthread_create(&g, NULL, guest_thread, NULL)) {
		fprintf(stderr, "exchange: no threads\n");
		return 1;
	}
	while (nanosleep(&pause, &pause) == -1 && errno == EINTR)
		;
	atomic_store(&stopping, 1);
	spent = (double)(now() - began) / 1e9;
	wake(&guest);
	wake(&host);
	wake(&receiver);
	pthread_join(g, NULL);
	pthread_join(k, NULL);
	pthread_join(r, NULL);
	printf("{\"mode\":\"%s\",\"packets\":%llu,\"seconds\":%.3f,\"mpps\":%.3f,\"kicks\":%llu,\"wakeups\":%llu}\n", argv[1],
	    (unsigned long long)received, spent, (double)received / spent / 1e6, (unsigned long long)kicks,
	    (unsigned long long)(guest.wakeups + host.wakeups + receiver.wakeups));
	free(buffers);
	return digest == 1; /* never; keeps the compiler honest */
}
