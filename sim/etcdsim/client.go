package etcdsim

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/raft/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// op is a client's operation.
type op struct {
	id     uint64
	client int // from 1
	kind   sim.OpKind
	key    string
	value  string // what a write writes
	size   sim.Size
	old    held             // what a compare-and-swap expects
	lease  clientv3.LeaseID // ends the key; 0: none
	brief  bool             // the key may be gone before the run is over, by a lease or a delete
}

// held is what a key holds: the number of the value, 0 for none, and the value itself.
type held struct {
	number uint64
	text   string
}

// answer is how an operation ended for its client.
type answer struct {
	result   sim.Outcome
	found    held // in the key after it, as the client knows
	revision int64
	by       sim.MemberID
	note     string
	alarm    uint32 // because of which the store refused; 0: none
	refused  bool   // nobody took the request, so it had no effect
	broken   bool   // whoever took it is gone, or can't tell the outcome
}

// value is the text that stands for a number in the store: the number, a space and the rest, filled
// up with dots to size.
func value(number uint64, rest string, size sim.Size) string {
	s := strconv.FormatUint(number, 10) + " " + rest
	if n := int(size) - len(s); n > 0 {
		s += strings.Repeat(".", n)
	}
	return s
}

// numberOf is the number that a value stands for; 0 when none of our clients wrote it.
func numberOf(value []byte) uint64 {
	n, _, _ := strings.Cut(string(value), " ")
	number, _ := strconv.ParseUint(n, 10, 64) // 0 says it
	return number
}

// conn is the connection of all clients to one member.
type conn struct {
	*clientv3.Client
	to sim.MemberID
}

// newConn opens a connection to a member, in the background.
func newConn(m *cluster.Member) (conn, error) {
	c, err := m.Dial(grpc.WithStatsHandler(sendWatch{}))
	return conn{c, m.ID}, err
}

// sendWatch notes whether a request was written to a connection. What never was has had no effect,
// which no error says for sure.
type sendWatch struct{}

type sentKey struct{}

func (sendWatch) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (sendWatch) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (sendWatch) HandleConn(context.Context, stats.ConnStats)                       {}

func (sendWatch) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if sent, ok := ctx.Value(sentKey{}).(*sending); ok {
		if out, ok := s.(*stats.OutHeader); ok {
			sent.went(out.RemoteAddr)
		}
	}
}

// perform asks a member once. chose, if not nil, hears which one it was where a balancer has the choice.
func (c conn) perform(ctx context.Context, o *op, reads sim.ReadMode, chose func(sim.MemberID)) answer {
	sent := sending{chose: chose}
	ctx = context.WithValue(ctx, sentKey{}, &sent)
	var a answer
	var err error
	switch o.kind {
	case sim.OpPut:
		a, err = c.put(ctx, o)
	case sim.OpGet:
		a, err = c.get(ctx, o, reads)
	default:
		a, err = c.cas(ctx, o)
	}
	if err != nil {
		a = failure(ctx, o, err, sent.begun.Load())
	}
	if a.by = c.to; c.to == 0 {
		a.by = sim.MemberID(sent.to.Load())
	}
	return a
}

func (c conn) put(ctx context.Context, o *op) (answer, error) {
	r, err := c.Put(ctx, o.key, o.value, clientv3.WithLease(o.lease))
	if err != nil {
		return answer{}, err
	}
	return answer{result: sim.OutcomeOK, found: held{o.id, o.value}, revision: r.Header.Revision}, nil
}

func (c conn) get(ctx context.Context, o *op, reads sim.ReadMode) (answer, error) {
	var how []clientv3.OpOption
	if reads == sim.ReadSerializable {
		how = append(how, clientv3.WithSerializable())
	}
	r, err := c.Get(ctx, o.key, how...)
	if err != nil {
		return answer{}, err
	}
	a := answer{result: sim.OutcomeOK, revision: r.Header.Revision}
	if len(r.Kvs) > 0 {
		a.found = held{numberOf(r.Kvs[0].Value), string(r.Kvs[0].Value)}
	}
	return a, nil
}

func (c conn) cas(ctx context.Context, o *op) (answer, error) {
	holds := clientv3.Compare(clientv3.Value(o.key), "=", o.old.text)
	if o.old.number == 0 {
		holds = clientv3.Compare(clientv3.CreateRevision(o.key), "=", 0)
	}
	r, err := c.Txn(ctx).If(holds).Then(clientv3.OpPut(o.key, o.value)).Else(clientv3.OpGet(o.key)).Commit()
	if err != nil {
		return answer{}, err
	}
	a := answer{result: sim.OutcomeOK, found: held{o.id, o.value}, revision: r.Header.Revision}
	if !r.Succeeded {
		a.result, a.found = sim.OutcomeMismatch, held{}
		if kvs := r.Responses[0].GetResponseRange().Kvs; len(kvs) > 0 {
			a.found = held{numberOf(kvs[0].Value), string(kvs[0].Value)}
		}
	}
	return a, nil
}

// failure says what an error means for the client.
func failure(ctx context.Context, o *op, err error, sent bool) answer {
	a := answer{result: sim.OutcomeFailed, note: err.Error(), refused: !sent}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		a.note = "timed out"
	}
	switch {
	case errors.Is(err, rpctypes.ErrNoSpace):
		a.alarm = sim.AlarmNoSpace
	case errors.Is(err, rpctypes.ErrCorrupt):
		a.alarm = sim.AlarmCorrupt
	}
	// The write that finds the file above its quota is applied and refused all the same
	// (quotaApplierV3 in server/etcdserver/apply/quota.go). The client can't tell it from those that
	// are refused once the alarm is on.
	if !sent || certain(err) && a.alarm != sim.AlarmNoSpace {
		return a
	}
	a.broken = ctx.Err() == nil
	if o.kind.IsWrite() {
		a.result = sim.OutcomeUnknown
	}
	return a
}

// certain reports whether an error rules out that the request has or will have an effect: the server
// refused it, before or while it was applied, or its raft did not take it.
func certain(err error) bool {
	if status.Convert(err).Message() == raft.ErrProposalDropped.Error() {
		return true
	}
	switch cluster.Code(err) {
	case codes.InvalidArgument, codes.FailedPrecondition, codes.NotFound, codes.OutOfRange,
		codes.ResourceExhausted, codes.PermissionDenied, codes.Unauthenticated,
		codes.DataLoss: // the CORRUPT alarm
		return true
	}
	return false
}
