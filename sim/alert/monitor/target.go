package monitor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"quorumlab/sim"
)

// Target is a member whose metrics are read.
type Target struct {
	Member sim.MemberID
	Name   string // the instance label
	URL    string // of its metrics, like http://127.0.0.1:2379/metrics
}

// job is the job label of all targets.
const job = "etcd"

// maxBody is how large a member's metrics may be: etcd's extensive ones are below 1 MB.
const maxBody = 16 << 20

// Fetch reads a target's metrics: the text, and its media type.
type Fetch func(ctx context.Context, t Target) (body []byte, mediaType string, err error)

// FetchWith reads metrics with an HTTP client.
func FetchWith(c *http.Client) Fetch {
	return func(ctx context.Context, t Target) ([]byte, string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.URL, nil)
		if err != nil {
			return nil, "", err
		}
		req.Header.Set("Accept", "text/plain;version=0.0.4")
		resp, err := c.Do(req)
		if err != nil {
			return nil, "", err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, "", fmt.Errorf("%s: %s", t.URL, resp.Status)
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
		if err == nil && len(body) > maxBody {
			err = errors.New("the metrics are larger than 16 MiB")
		}
		return body, resp.Header.Get("Content-Type"), err
	}
}

// target is what is known of a Target from round to round.
type target struct {
	Target
	up     *series
	series map[string]*series // by how the text writes them
}

func newTarget(t Target) *target {
	return &target{Target: t, series: map[string]*series{},
		up: &series{labels: labels.FromStrings(model.MetricNameLabel, "up", "instance", t.Name, "job", job)}}
}

// reading is a sample as it was read.
type reading struct {
	of    *series
	value float64
}

// parse reads the text of a scrape and gives the samples of the metrics to keep. Errors
// are those of the text; as with Prometheus a scrape with one gives nothing at all.
func (t *target) parse(body []byte, mediaType string, keep func(metric string) bool) ([]reading, error) {
	p, err := textparse.New(body, mediaType, labels.NewSymbolTable(),
		textparse.ParserOptions{FallbackContentType: "text/plain"})
	if p == nil {
		return nil, err
	}
	var all []reading
	for {
		switch entry, err := p.Next(); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		case entry != textparse.EntrySeries:
			continue
		}
		text, _, v := p.Series() // a time in the text is not ours, and etcd writes none
		if !keep(metricName(text)) {
			continue
		}
		all = append(all, reading{t.seriesOf(text, p), v})
	}
}

// seriesOf is the series that the text means. Its labels are read the first time only.
func (t *target) seriesOf(text []byte, p textparse.Parser) *series {
	if s := t.series[string(text)]; s != nil {
		return s
	}
	var ls labels.Labels
	p.Labels(&ls)
	s := &series{labels: labels.NewBuilder(ls).Set("instance", t.Name).Set("job", job).Labels()}
	t.series[string(text)] = s
	return s
}

// metricName is the name with which the text of a series begins.
func metricName(text []byte) string {
	if end := bytes.IndexAny(text, "{ \t"); end >= 0 {
		text = text[:end]
	}
	return string(text)
}

// take brings the samples of a scrape into the store, and ends the series that are not
// among them.
func (t *target) take(s *store, at time.Duration, all []reading, up float64) {
	for _, r := range all {
		s.add(r.of, at, r.value)
	}
	for text, x := range t.series {
		s.end(x, at) // of those that were just read this changes nothing
		if len(x.points) == 0 {
			delete(t.series, text)
		}
	}
	s.add(t.up, at, up)
}

// leave ends all series of a target that is no longer one.
func (t *target) leave(s *store, at time.Duration) {
	for _, x := range t.series {
		s.end(x, at)
	}
	s.end(t.up, at)
}
