package monitoring

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql/parser"

	"quorumlab/sim/alert"
	"quorumlab/sim/alert/monitor"
	"quorumlab/sim/etcdsim/cluster"
)

// read reads a member's metrics, as a scraper does.
func read(ctx context.Context, m *cluster.Member) ([]byte, error) {
	url, err := m.MetricsURL()
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	text, _, err := monitor.FetchWith(client)(ctx, monitor.Target{Member: m.ID, Name: m.Name, URL: url})
	if err != nil {
		return nil, err
	}
	return text, nil
}

// page is what one scrape says.
type page struct {
	size   int                // bytes
	series int                // lines with a value
	names  map[string]int     // series of each metric
	values map[string]float64 // of the metrics without labels
}

// parsePage reads a scrape by Prometheus' parser. Errors are those of the text.
func parsePage(text []byte) (*page, error) {
	p, err := textparse.New(text, "text/plain", labels.NewSymbolTable(),
		textparse.ParserOptions{FallbackContentType: "text/plain"})
	if p == nil {
		return nil, err
	}
	pg := &page{size: len(text), names: map[string]int{}, values: map[string]float64{}}
	for {
		entry, err := p.Next()
		switch {
		case errors.Is(err, io.EOF):
			return pg, nil
		case err != nil:
			return nil, err
		case entry != textparse.EntrySeries:
			continue
		}
		series, _, v := p.Series()
		name, _, labelled := bytes.Cut(series, []byte("{"))
		pg.series++
		pg.names[string(name)]++
		if !labelled {
			pg.values[string(name)] = v
		}
	}
}

// families are the kinds of metrics by how their names begin, in the order of tables. The last
// takes the rest.
var families = []struct{ name, prefix, about string }{
	{"etcd_debugging_", "etcd_debugging_", "etcd, may change with any version"},
	{"etcd_", "etcd_", "etcd, stable across versions"},
	{"grpc_", "grpc_", "requests, by method and code"},
	{"go_", "go_", "the Go runtime"},
	{"process_", "process_", "the process: memory, files, CPU"},
	{"others", "", "libraries"},
}

// byFamily counts the series of each family.
func (p *page) byFamily() []int {
	counts := make([]int, len(families))
	for name, n := range p.names {
		for i, f := range families {
			if strings.HasPrefix(name, f.prefix) {
				counts[i] += n
				break
			}
		}
	}
	return counts
}

// lacks are the alert rules that ask for a metric that is not on the page, in the order of the
// rules. The scraper's own up is nobody's to show.
func (p *page) lacks(rules []alert.Rule) (names []string, err error) {
	for _, r := range rules {
		e, err := parser.ParseExpr(r.Expr)
		if err != nil {
			return nil, err
		}
		missing := false
		parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
			if v, ok := n.(*parser.VectorSelector); ok && v.Name != "up" && p.names[v.Name] == 0 {
				missing = true
			}
			return nil
		})
		if missing {
			names = append(names, r.Name)
		}
	}
	return names, nil
}
