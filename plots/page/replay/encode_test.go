package replay_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"quorumlab/plots/page/replay"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// unpacked is what the bytes hold, read in the plainest way.
type unpacked struct {
	Name    string
	Members []string
	Events  int
	LeftOut string
	Strings []string
	Story   []struct{ Text string }
	Lasting []struct {
		ID    uint64
		Links [][]sim.MemberID
	}
	kinds  []sim.Kind
	fields [][]uint64 // an event's numbers by column
}

func unpack(t interface{ Fatal(...any) }, packed []byte) *unpacked {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil || string(raw[:4]) != "QLR1" {
		t.Fatal("no magic: ", err)
	}
	in := bytes.NewBuffer(raw[4:])
	part := func() []byte {
		n, err := binary.ReadUvarint(in)
		if err != nil {
			t.Fatal(err)
		}
		return in.Next(int(n))
	}
	u := &unpacked{}
	if err := json.Unmarshal(part(), u); err != nil {
		t.Fatal(err)
	}
	kinds, masks := part(), bytes.NewBuffer(part())
	var cols []*bytes.Buffer
	for in.Len() > 0 {
		cols = append(cols, bytes.NewBuffer(part()))
	}
	last := map[byte][]uint64{}
	var seq, at uint64
	for _, k := range kinds {
		if last[k] == nil {
			last[k] = make([]uint64, len(cols))
		}
		last[k][0], last[k][1] = seq, at
		mask, err := binary.ReadUvarint(masks)
		if err != nil {
			t.Fatal(err)
		}
		f := make([]uint64, len(cols))
		for c := range cols {
			if mask>>c&1 == 1 {
				d, err := binary.ReadVarint(cols[c])
				if err != nil {
					t.Fatal(err)
				}
				last[k][c] = uint64(int64(last[k][c]) + d)
				f[c] = last[k][c]
			}
		}
		seq, at = f[0], f[1]
		u.kinds, u.fields = append(u.kinds, sim.Kind(k)), append(u.fields, f)
	}
	for c := range cols {
		if cols[c].Len() > 0 {
			t.Fatal("a column has more numbers than the events")
		}
	}
	return u
}

// wanted are an event's numbers as they should be, but for its texts.
func wanted(e sim.Event) []uint64 {
	const most = 1<<53 - 1
	reject, value := uint64(0), e.Value
	if e.Reject {
		reject = 1
	}
	if e.Kind == sim.KindAppended || e.Kind == sim.KindApplied {
		value = 0
	}
	w := []uint64{e.Seq, uint64(e.At), uint64(e.Member), uint64(e.Peer), uint64(e.Msg), uint64(e.Role), uint64(e.Op),
		uint64(e.Result), reject, uint64(e.Count), uint64(e.Client), e.ID, e.Term, e.Index, e.LogTerm, e.Commit, 0, value,
		e.Old, e.Revision, 0}
	for i := range w {
		w[i] = min(w[i], most)
	}
	return w
}

func compare(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, tr *sim.Trace, u *unpacked) {
	if len(u.kinds) != len(tr.Events) || u.Events != len(tr.Events) {
		t.Fatalf("%d events, want %d", len(u.kinds), len(tr.Events))
	}
	for i, e := range tr.Events {
		w, got := wanted(e), u.fields[i]
		for c := range w {
			if c != 16 && c != 20 && got[c] != w[c] || u.kinds[i] != e.Kind {
				t.Fatalf("event %d, column %d: %d, want %d", i, c, got[c], w[c])
			}
		}
		if u.Strings[got[16]] != e.Key || u.Strings[got[20]] != e.Note {
			t.Fatalf("event %d: %q and %q, want %q and %q", i, u.Strings[got[16]], u.Strings[got[20]], e.Key, e.Note)
		}
	}
}

func TestWhatIsPackedComesOutAgain(t *testing.T) {
	tr := plottest.Play(20*time.Second, 50)
	packed, err := replay.Encode(tr, check.Judge(tr), 0)
	if err != nil {
		t.Fatal(err)
	}
	u := unpack(t, packed)
	compare(t, tr, u)
	if u.LeftOut != "" || len(u.Story) == 0 || len(u.Members) != len(tr.Members) {
		t.Errorf("the head is %+v", u)
	}
	var text bytes.Buffer
	if err := tr.Write(&text); err != nil {
		t.Fatal(err)
	}
	if 15*len(packed) > text.Len() {
		t.Errorf("%d bytes of %d as JSON lines", len(packed), text.Len())
	}
	again, err := replay.Encode(tr, check.Judge(tr), 0)
	if err != nil || !bytes.Equal(packed, again) {
		t.Error("the same trace gave other bytes", err)
	}
}

// Traces that no engine writes are packed, too, and come out as they are.
func TestAnyTrace(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := plottest.Any(rt)
		for i := range tr.Events {
			e := &tr.Events[i]
			e.At = max(e.At, 0)
			e.Key, e.Note = "", ""
		}
		packed, err := replay.Encode(tr, nil, 0)
		if err != nil {
			rt.Fatal(err)
		}
		compare(rt, tr, unpack(rt, packed))
	})
}

func TestALargeRunIsCutAndSaysSo(t *testing.T) {
	tr := plottest.Play(10*time.Second, 20)
	whole, err := replay.Encode(tr, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	before, words := len(tr.Events)+1, map[string]bool{}
	for most := len(whole) - 1; most > 500; most = most * 2 / 3 {
		packed, err := replay.Encode(tr, nil, most)
		if err != nil {
			t.Fatal(err)
		}
		u := unpack(t, packed)
		if u.LeftOut == "" || len(u.kinds) > before {
			t.Fatalf("of at most %d bytes: %d events without %q, %d before", most, len(u.kinds), u.LeftOut, before)
		}
		before, words[u.LeftOut] = len(u.kinds), true
		states := 0
		for _, k := range u.kinds {
			if k == sim.KindState {
				states++
			}
		}
		if states == 0 {
			t.Fatalf("without %s there are no roles", u.LeftOut)
		}
	}
	if len(words) < 3 {
		t.Errorf("only these cuts were made: %v", words)
	}
}

// The links that a statement makes worse are those that it names, not all that there are.
func TestLinksOfAStatement(t *testing.T) {
	tr := plottest.Small()
	tr.Events = append(tr.Events, sim.Event{Seq: 1 << 20, At: tr.End(), Kind: sim.KindFaultBegun, ID: 77,
		Note: "delay n1 -> n2 n3 20ms"}, sim.Event{Seq: 1<<20 + 1, At: tr.End(), Kind: sim.KindFaultBegun, ID: 78,
		Note: "no statement of ours"})
	packed, err := replay.Encode(tr, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range unpack(t, packed).Lasting {
		if l.ID == 78 {
			t.Error("a statement that nobody knows is said to last")
		}
		if l.ID == 77 {
			if len(l.Links) != 2 || l.Links[0][1] != 2 || l.Links[1][1] != 3 || l.Links[0][0] != 1 {
				t.Errorf("the links are %v", l.Links)
			}
			return
		}
	}
	t.Error("the delay does not last")
}

// What a browser would obey is spelled out, also in texts of the trace.
func TestNothingIsObeyed(t *testing.T) {
	tr := plottest.Small()
	tr.Members[0] = "n\u202e1"
	tr.Events[0].Note = "\x1b[31m</template><script>"
	packed, err := replay.Encode(tr, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	u := unpack(t, packed)
	if u.Members[0] != `n\u202e1` || !strings.HasPrefix(u.Strings[1], `\u001b[31m`) {
		t.Errorf("%q and %q", u.Members[0], u.Strings)
	}
}
