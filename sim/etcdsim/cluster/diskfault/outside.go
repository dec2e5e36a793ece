package diskfault

import (
	"time"

	"quorumlab/sim/etcdsim/cluster/apart"
)

// Outside takes the waiting out of etcd's locks, before the first Run: the histograms only note what a
// commit owes, and whoever stands between etcd and its files waits by Pass and Gate. In a synctest bubble
// that is the only way, since a goroutine that waits for a lock keeps time from passing for the one that
// sleeps with it. What an operation takes is what the model says; the machine's own time does not count. Fsyncs and
// commits end at moments of the disk's member.
func (d *Disk) Outside(member int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.outside = true
	d.fsync, d.commit = apart.Of(apart.Fsync, member, 0), apart.Of(apart.Commit, member, 0)
}

// end is when an operation ends that began at a time and takes so long. One that takes nothing, and waited for nothing,
// ends at once. Under the lock.
func (d *Disk) end(began time.Time, takes time.Duration) time.Time {
	end := began.Add(takes)
	if !d.outside {
		return end
	}
	now := time.Now()
	if end.Before(now) {
		end = now
	}
	if end.Equal(began) {
		return end
	}
	return d.fsync.After(end)
}

// Pass is an operation that is just carried out, apart from Commit. It returns when the disk is done with it, or at
// once when the member is about to be stopped.
func (d *Disk) Pass(op Op) { d.wait(op, 0) }

// Gone reports whether the disk's member is about to be stopped: what it writes from now on never got to the disk.
func (d *Disk) Gone() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.off
}

// Gate returns when no commit is under way and the disk is not stalled. What reads and writes the database
// waits here, and is told whether it had to.
func (d *Disk) Gate() (waited bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for ; !d.off; waited = true {
		left := time.Until(d.busy)
		if !d.stalled && left <= 0 {
			return waited
		}
		d.pause(Append, left)
	}
	return waited
}

// Settle returns when everything else that happens at this instant is done with.
func (d *Disk) Settle() { <-time.After(time.Until(d.commit.After(time.Now().Add(1)))) }

// Stalled reports whether the disk is stalled.
func (d *Disk) Stalled() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stalled && !d.off
}

// Busy is how long the commit that is under way will still take.
func (d *Disk) Busy() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return max(0, time.Until(d.busy))
}

// owe notes a commit: the database's files are as they will be, and Gate is closed for as long as it
// takes. Commits come one after the other.
func (d *Disk) owe() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.off {
		return 0
	}
	d.snap()
	if now := time.Now(); d.busy.Before(now) {
		d.busy = now
	}
	took := d.draw(Commit, d.model) + d.draw(Commit, d.slow)
	d.busy = d.commit.After(d.busy.Add(took))
	d.fsyncs += Commit.fsyncs()
	if d.observe != nil {
		d.observe(Commit, took)
	}
	return took
}

// took is what a histogram is told of an operation, which it makes longer.
func (d *Disk) took(op Op, it time.Duration) time.Duration {
	d.mu.Lock()
	outside := d.outside
	d.mu.Unlock()
	switch {
	case !outside:
		return it + d.wait(op, it)
	case op == Commit:
		return d.owe()
	}
	return it
}
