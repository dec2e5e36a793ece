package export

import (
	"time"

	"quorumlab/sim"
)

func init() {
	register("crash", counterpart{acts: processes,
		objects: func(c *call) {
			c.out = append(c.out, template{Type: "PodChaos", Pod: &podChaos{Action: "pod-failure", pods: c.pods(c.groups[0])}})
		},
		differs: always("The kubelet stops etcd with SIGTERM, not kill -9: a leader may hand over before it stops.")})
	register("restart", counterpart{acts: atOnce, objects: func(c *call) {
		c.out = append(c.out, template{Type: "PodChaos", Pod: &podChaos{Action: "container-kill", pods: c.etcd(c.groups[0])}})
	}, refuse: func(do sim.Statement) string {
		if !do.With.IsZero() {
			return "Chaos Mesh kills etcd but does not change its flags; change them in the pod's manifest"
		}
		return ""
	}})
	register("slow-disk", counterpart{acts: disks,
		objects: disk(func(c *call) ioChaos {
			return ioChaos{Action: "latency", Methods: []string{"fsync"}, Delay: deadline(c.do.Distribution.Lo)}
		}),
		refuse: func(do sim.Statement) string {
			if do.Distribution.Measured() || do.Distribution.Lo != do.Distribution.Hi {
				return "Chaos Mesh supports a single time for a disk, but no range and no quantiles"
			}
			return ""
		},
		differs: always(fuse)})
	register("stall-disk", counterpart{acts: disks,
		objects: disk(func(c *call) ioChaos {
			return ioChaos{Action: "latency", Methods: []string{"write", "fsync"}, Delay: deadline(c.lasts)}
		}),
		differs: always("Each write takes as long as the fault, so one that begins late ends late. " + fuse)})
	register("fill-disk", counterpart{acts: disks,
		objects: disk(func(*call) ioChaos {
			return ioChaos{Action: "fault", Methods: []string{"write", "create"}, Errno: noSpace}
		}),
		differs: always("The kubelet restarts etcd again and again until there is room. " + fuse)})
	register("drift", counterpart{acts: clocks,
		objects: func(c *call) {
			gained := time.Duration(int64(c.lasts) / int64(sim.Whole) * int64(c.do.Share))
			c.out = append(c.out, template{Type: "TimeChaos", Time: &timeChaos{pods: c.etcd(c.groups[0]),
				Offset: gained.String(),
				Clocks: []string{"CLOCK_REALTIME", "CLOCK_MONOTONIC"}}})
		},
		differs: always("Chaos Mesh can't make a clock run fast or slow: the clock jumps at once by as much as it would be " +
			"off at the end.")})
}

// noSpace is ENOSPC on Linux.
const noSpace = 28

// fuse is what all disk faults have in common.
const fuse = "The volume goes through FUSE meanwhile, which costs some time of its own."

func disk(object func(c *call) ioChaos) func(*call) {
	return func(c *call) {
		o := object(c)
		o.pods, o.Volume, o.Percent = c.etcd(c.groups[0]), c.target.Volume, 100
		c.out = append(c.out, template{Type: "IOChaos", IO: &o})
	}
}
