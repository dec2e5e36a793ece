package tlsandclientcertificates

import (
	"context"
	"errors"
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// shows is what each kind of client shows, for people.
var shows = map[sim.ClientKind]string{
	sim.ClientAlice:         "certificate from the right CA, name alice",
	sim.ClientBob:           "the same, name bob",
	sim.ClientStranger:      "the same, name stranger: not an etcd user",
	sim.ClientPlaintext:     "nothing: it does not speak TLS",
	sim.ClientNoCertificate: "no certificate",
	sim.ClientUnknownCA:     "certificate from another CA, name alice",
	sim.ClientExpired:       "expired certificate, name alice",
	sim.ClientServerOnly:    "certificate for servers only",
	sim.ClientTrustsNobody:  "alice's, but it has no CA for the server",
	sim.ClientWrongName:     "alice's, but it asks for etcd.example",
}

// visit is what became of a client.
type visit struct {
	kind    sim.ClientKind
	stage   sim.AccessStage // where it was stopped; the last: it was heard
	granted int             // of its requests
	asked   int
	told    string // the first error that it saw
}

// stopped is the stage at which it was stopped; empty: it was let in.
func (v visit) stopped() string {
	if v.stage == sim.StageAuthorization && v.granted > 0 {
		return "nowhere"
	}
	return v.stage.String()
}

// visitAll has one client of each kind come.
func visitAll(ctx context.Context, m *cluster.Member, kinds ...sim.ClientKind) (vs []visit, err error) {
	for _, k := range kinds {
		made, err := m.Connect(ctx, k)
		if err != nil {
			return nil, err
		}
		v := visit{kind: k}
		for _, a := range made {
			v.stage = max(v.stage, a.Stage)
			v.asked++
			if a.Result == sim.OutcomeOK {
				v.granted++
			} else if v.told == "" {
				v.told = plain(a.Err)
			}
		}
		vs = append(vs, v)
	}
	return vs, ctx.Err()
}

// runClients has ten kinds of clients come to a member with mutual TLS and roles.
func runClients(ctx context.Context, env *lessons.Env) (o *lessons.Observations, err error) {
	env.Say("ten clients connect to a member with TLS, client certificates and roles")
	o = &lessons.Observations{}
	err = lessons.OnCluster(ctx, alone(guarded), func(c *cluster.Real) error {
		m := c.Member(1)
		vs, err := visitAll(ctx, m, sim.ClientKinds()...)
		if err != nil {
			return err
		}
		if err := clientsOutcome(o, vs); err != nil {
			return err
		}
		if err := firstRead(ctx, c, o); err != nil {
			return err
		}
		return stockClient(ctx, c, o)
	})
	return o, err
}

func clientsOutcome(o *lessons.Observations, vs []visit) error {
	in := 0.0
	stopped := map[sim.AccessStage]float64{}
	t := lessons.Table{Name: "clients", Title: "Which clients get in", Head: []string{"client", "presents", "stopped at",
		"error"}, Exact: true}
	for _, v := range vs {
		if v.stage >= sim.StageAuthentication {
			in++
		}
		if v.granted < v.asked {
			stopped[v.stage]++
		}
		o.Tell(string(v.kind)+".stopped", v.stopped(), "where the client was stopped: "+shows[v.kind])
		if v.told != "" {
			o.Tell(string(v.kind)+".told", v.told, "the error it got")
		}
		t.Rows = append(t.Rows, []string{string(v.kind), shows[v.kind], v.stopped(), v.told})
	}
	o.Count("through.tls", in, "how many of the ten clients got through TLS")
	o.Count("stopped.handshake", stopped[sim.StageHandshake], "clients that were stopped by a certificate")
	o.Tables = append(o.Tables, t)
	return o.Draw(clientsChart(vs))
}

// firstRead shows when a client without a certificate learns of it.
func firstRead(ctx context.Context, c *cluster.Real, o *lessons.Observations) error {
	cfg, err := filesOf(c, string(sim.ClientAlice))
	if err != nil {
		return err
	}
	cfg.GetClientCertificate, cfg.Certificates = nil, nil
	dialed, read := dialThenRead(ctx, c.Member(1), cfg)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	o.Tell("dial.without", said(dialed), "what tls.Dial returns to a client without a certificate, in TLS 1.3")
	o.Tell("read.without", said(read), "what its first read returns")
	when := "the first read"
	if dialed != nil {
		when = "the dial"
	}
	o.Tell("when.told", when, "when a client without a certificate learns that it is rejected")
	return nil
}

func said(err error) string {
	if err == nil {
		return "no error"
	}
	return plain(err)
}

// patience is for how long a stock client tries, here.
const patience = time.Second

// stockClient shows what etcd's own client makes of a refusal.
func stockClient(ctx context.Context, c *cluster.Real, o *lessons.Observations) error {
	cl, err := clientAs(c, string(sim.ClientExpired))
	if err != nil {
		return err
	}
	defer cl.Close()
	once, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = cl.Get(once, "pub/notice")
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded): // and not a word more
		o.Tell("stock.told", context.DeadlineExceeded.Error(), "what etcd's own client reports for an expired certificate")
	default:
		o.Tell("stock.told", fmt.Sprint(err), "what etcd's own client reports for an expired certificate")
	}
	return nil
}
