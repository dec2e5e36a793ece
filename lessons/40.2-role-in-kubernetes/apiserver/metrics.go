package main

import (
	"context"
	"fmt"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// traffic is what etcd has done for its clients, by its own metrics, all members together.
type traffic struct {
	Reads    float64 // Range and RangeStream calls
	Sent     float64 // bytes
	Watchers float64 // at this moment
	Events   float64 // told to watchers
}

// traffic reads the metrics of every member.
func (s *server) traffic(ctx context.Context) (sum traffic, err error) {
	for _, e := range s.endpoints {
		fs, err := scrape(ctx, e+"/metrics")
		if err != nil {
			return sum, err
		}
		for _, m := range fs["grpc_server_handled_total"].GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "grpc_method" && (l.GetValue() == "Range" || l.GetValue() == "RangeStream") {
					sum.Reads += m.GetCounter().GetValue()
				}
			}
		}
		sum.Sent += first(fs["etcd_network_client_grpc_sent_bytes_total"])
		sum.Watchers += first(fs["etcd_debugging_mvcc_watcher_total"])
		sum.Events += first(fs["etcd_debugging_mvcc_events_total"])
	}
	return sum, nil
}

func scrape(ctx context.Context, url string) (map[string]*dto.MetricFamily, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, r.Status)
	}
	p := expfmt.NewTextParser(model.LegacyValidation)
	return p.TextToMetricFamilies(r.Body)
}

// first is the value of a metric that has no labels.
func first(f *dto.MetricFamily) float64 {
	if len(f.GetMetric()) == 0 {
		return 0
	}
	m := f.GetMetric()[0]
	return m.GetCounter().GetValue() + m.GetGauge().GetValue()
}
