package monitoring

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"quorumlab/sim/alert/monitor"
)

// variant is a recording as it is or changed: changes are what no good rule depends on.
type variant struct {
	name, from string
	change     func(*monitor.MetricsRecording)
}

// renamed gives each member the name of the next one, so that a rule that knows names is found out.
func renamed(r *monitor.MetricsRecording) {
	next := map[string]string{}
	for _, s := range r.Series {
		if name := s.Labels.Get("instance"); name != "" {
			next[name] = ""
		}
	}
	names := slices.Sorted(maps.Keys(next))
	for i, name := range names {
		next[name] = names[(i+1)%len(names)]
	}
	for _, s := range r.Series {
		if name := s.Labels.Get("instance"); name != "" {
			s.Labels = labels.NewBuilder(s.Labels).Set("instance", next[name]).Labels()
		}
	}
}

// ofAFollower is renamed but for who leads: what befell the leader befalls a follower.
func ofAFollower(r *monitor.MetricsRecording) {
	var leads []*monitor.Recorded
	var was []labels.Labels
	for _, s := range r.Series {
		if s.Labels.Get("__name__") == "etcd_server_is_leader" {
			leads, was = append(leads, s), append(was, s.Labels)
		}
	}
	renamed(r)
	for i, s := range leads {
		s.Labels = was[i]
	}
}

// atPace makes counters count so many times as fast: what happened is the same, only rarer or more often.
// At 0 the cluster is idle.
func atPace(factor float64) func(*monitor.MetricsRecording) {
	return func(r *monitor.MetricsRecording) {
		for _, s := range r.Series {
			if !counts(s.Labels.Get("__name__")) || len(s.Values) == 0 {
				continue
			}
			first := s.Values[0]
			for i, v := range s.Values {
				s.Values[i] = first + (v-first)*factor
			}
		}
	}
}

// counts is whether a metric is a counter, by its name.
func counts(metric string) bool {
	for _, end := range []string{"_total", "_count", "_sum", "_bucket"} {
		if strings.HasSuffix(metric, end) {
			return true
		}
	}
	return false
}
