package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"

	"quorumlab/sim"
)

// fsyncMetric is etcd's histogram of WAL fsyncs.
const fsyncMetric = "etcd_disk_wal_fsync_duration_seconds"

// ReadFsync reads how long fsyncs take from what was measured: etcd's metrics as they are scraped, whose histogram
// etcd_disk_wal_fsync_duration_seconds it takes (of several members, all together), or the JSON of fio, whose
// percentiles of sync latencies it takes.
func ReadFsync(text []byte) (sim.Distribution, error) {
	if start := bytes.TrimSpace(text); len(start) > 0 && start[0] == '{' {
		return readFio(start)
	}
	return readHistogram(text)
}

var (
	bucketLine = regexp.MustCompile(`(?m)^` + fsyncMetric + `_bucket\{([^}]*)\}\s+(\S+)`)
	leLabel    = regexp.MustCompile(`(?:^|,)\s*le="([^"]+)"`)
)

func readHistogram(text []byte) (l sim.Distribution, err error) {
	counts := map[float64]float64{} // cumulative, by the bucket's end in seconds
	for _, m := range bucketLine.FindAllSubmatch(text, -1) {
		le := leLabel.FindSubmatch(m[1])
		if le == nil {
			return l, fmt.Errorf("a bucket of %s has no le", fsyncMetric)
		}
		end, err1 := strconv.ParseFloat(string(le[1]), 64)
		n, err2 := strconv.ParseFloat(string(m[2]), 64)
		if errors.Join(err1, err2) != nil || !(n >= 0) || !(end > 0) {
			return l, fmt.Errorf("%q is no bucket of a histogram", m[0])
		}
		counts[end] += n
	}
	total := counts[math.Inf(1)]
	if total == 0 {
		return l, fmt.Errorf("there is no %s with fsyncs in it", fsyncMetric)
	}
	var points []sim.DistributionPoint
	most, below := time.Duration(0), 0.0
	for _, end := range slices.Sorted(maps.Keys(counts)) {
		n := counts[end]
		if n < below || n > total {
			return l, fmt.Errorf("the buckets of %s do not add up: %g at most %gs of %g", fsyncMetric, n, end, total)
		}
		share := sim.Share(math.Round(n / total * float64(sim.Whole)))
		value := time.Duration(end * float64(time.Second))
		switch {
		case math.IsInf(end, 1):
		case n == total:
			if most == 0 {
				most = value
			}
		case share > 0 && share < sim.Whole && (len(points) == 0 || share > points[len(points)-1].Share):
			points = append(points, sim.DistributionPoint{Share: share, Value: value})
		}
		below = n
	}
	return throughBuckets(points, most)
}

// throughBuckets is the distribution through the ends of buckets. With one or none of them there is no shape to be
// seen: times are then as likely everywhere in a bucket, whose beginning is half of its end.
func throughBuckets(points []sim.DistributionPoint, most time.Duration) (sim.Distribution, error) {
	switch {
	case len(points) == 0 && most == 0:
		return sim.Distribution{}, errors.New("all fsyncs took longer than the last bucket")
	case len(points) == 0:
		return sim.Distribution{Lo: most / 2, Hi: most}, nil
	case len(points) == 1:
		p := points[0]
		points = []sim.DistributionPoint{{Share: max(p.Share/2, 1), Value: p.Value / 2}, p}
	}
	return sim.Quantiles(points, most)
}

// fioResult is the part of fio's JSON that is read.
type fioResult struct {
	Jobs []struct {
		Sync struct {
			Lat struct {
				N          float64          `json:"N"`
				Max        int64            `json:"max"`
				Percentile map[string]int64 `json:"percentile"`
			} `json:"lat_ns"`
		} `json:"sync"`
	} `json:"jobs"`
}

func readFio(text []byte) (l sim.Distribution, err error) {
	var r fioResult
	if err := json.Unmarshal(text, &r); err != nil {
		return l, fmt.Errorf("not the JSON of fio: %w", err)
	}
	for _, j := range r.Jobs {
		if len(j.Sync.Lat.Percentile) == 0 {
			continue
		}
		var points []sim.DistributionPoint
		for name, ns := range j.Sync.Lat.Percentile {
			p, err := strconv.ParseFloat(name, 64)
			if err != nil {
				return l, fmt.Errorf("%q is no percentile of fio", name)
			}
			if s := sim.Share(math.Round(p / 100 * float64(sim.Whole))); s > 0 && s < sim.Whole && ns > 0 {
				points = append(points, sim.DistributionPoint{Share: s, Value: time.Duration(ns)})
			}
		}
		slices.SortFunc(points, func(a, b sim.DistributionPoint) int { return int(a.Share) - int(b.Share) })
		return sim.Quantiles(points, time.Duration(j.Sync.Lat.Max))
	}
	return l, errors.New("fio measured no syncs: run it with --fdatasync=1")
}
