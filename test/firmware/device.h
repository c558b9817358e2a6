#ifndef DEVICE_H
#define DEVICE_H

/*
 * device TICK_NS TAXELS FRAME_BYTES RING CLOCK, then steps:
 *
 *   a TICKS            time passes
 *   l BYTES            the link takes so many bytes more and no others
 *   r CHUNK            bytes from the host
 *   e TAXEL ON         an event
 *   s COUNT ADDRESSES  the events of a scan
 *   p                  poll
 *
 * Prints what the link took, and then the counters of events sent, events dropped and overruns.
 */
void device(void);

#endif
