package plan

import (
	"fmt"
	"math"
)

// Resources is what a member needs of its machine.
type Resources struct {
	Answer
	Memory float64 `json:"memory_bytes"`
	Index  float64 `json:"index_bytes"` // of it: the keys' index
	Disk   float64 `json:"disk_bytes"`
	Class  string  `json:"class"` // of etcd's hardware guide: small, medium, large, xlarge

	MemoryParts []Part `json:"memory_parts"`
	DiskParts   []Part `json:"disk_parts"`
}

// Part is a part of a need.
type Part struct {
	Name  string  `json:"name"`
	Bytes float64 `json:"bytes"`
}

func sum(parts []Part) (bytes float64) {
	for _, p := range parts {
		bytes += p.Bytes
	}
	return bytes
}

const (
	indexKey      = 120  // bytes a key besides its name
	indexRevision = 38   // bytes a revision
	watchBytes    = 350  // a watch
	connection    = 17e3 // a watch connection
	process       = 100e6
	walSegment    = 64 << 20
	growStep      = 16 << 20 // by which bbolt enlarges its file
	walKept       = 5 + 2    // segments kept, the one that is written and the one prepared
	snapshotCount = 10_000
	catchUp       = 5_000 // entries kept when a snapshot compacts the log
)

// classes are etcd's machine sizes: up to these requests a second and bytes of data.
var classes = []struct {
	name           string
	requests, data float64
}{{"small", 200, 100e6}, {"medium", 1000, 500e6}, {"large", 10_000, 1e9}, {"xlarge", math.Inf(1), math.Inf(1)}}

func resources(in *Input, g *Growth) Resources {
	r := Resources{}
	var rate, keys, names, entry float64
	for _, l := range loads(in) {
		rate += l.Rate
		keys += l.Keys
		names += l.Keys * l.Key
		entry = max(entry, l.Key+l.Value)
	}
	r.Index = indexKey*keys + names + indexRevision*g.Revisions
	inMemory := (snapshotCount + catchUp) * (entry + entryOverhead)
	r.MemoryParts = []Part{{"process", process}, {"index of keys", r.Index}, {"file, cached", g.Peak},
		{"log entries", inMemory}, {"watches", float64(in.Watches) * (watchBytes + connection)}}
	r.DiskParts = []Part{{"file", g.Peak}, {"its copy in a defrag", g.Peak}, {"step of growth", growStep},
		{"WAL", walKept * walSegment}, {"snapshot of the log", inMemory}}
	r.Memory, r.Disk = sum(r.MemoryParts), sum(r.DiskParts)
	for _, c := range classes {
		if rate <= c.requests && g.Peak <= c.data {
			r.Class = c.name
			break
		}
	}
	r.Text = fmt.Sprintf("Each member needs %s of memory with the file cached (index %s), %s of disk with room for a "+
		"defrag, and a machine of etcd's class %s.",
		size(r.Memory), size(r.Index), size(r.Disk), r.Class)
	r.Rule = "index: keys x (120 + key) + revisions x 38 B; watch 350 B, connection 17 kB; 15,000 entries in memory; " +
		"disk: twice the file, bbolt's step of 16 MiB, 7 WAL segments of 64 MiB"
	r.Source = "etcd's hardware guide and code (snapshot-count 10,000, 5,000 catch-up entries)"
	return r
}
