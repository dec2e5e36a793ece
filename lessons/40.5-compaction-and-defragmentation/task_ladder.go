package compactionanddefragmentation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/text"
	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// The store of the task: the application's keys stay as they are, and one more is overwritten
// until the quota is full.
const (
	appKeys = 20
	appSize = 16 << 10
)

// mostSteps is how many commands an answer may have: each takes its time.
const mostSteps = 30

// full is a cluster without space, and what was done to it.
type full struct {
	*cluster.Real
	cl   *clientv3.Client
	done []string // what each command did

	defrags map[sim.MemberID]int
	led     []string       // members that led while they were defragmented
	early   int            // alarms that were cleared while there was no room
	times   map[string]int // how often each command was given
}

// ladderJudge carries out the commands on a cluster that has no space left.
var ladderJudge = lessons.CommandsJudge{
	Usage: []string{"compact", "delete KEYS", "defrag MEMBER", "move-leader MEMBER", "disarm", "put"},
	Args: map[string]func(string) error{"MEMBER": isOneOf("member", "n1", "n2", "n3"),
		"KEYS": isOneOf("group of keys", "app", "load")},
	Most: mostSteps,
	Run:  runLadderAnswer,
}

func isOneOf(kind string, names ...string) func(string) error {
	return func(arg string) error {
		for _, n := range names {
			if n == arg {
				return nil
			}
		}
		return fmt.Errorf("unknown %s %q%s", kind, arg, text.DidYouMeanOr(arg, names,
			"choose from "+strings.Join(names, ", ")))
	}
}

func runLadderAnswer(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
	err = lessons.WithClient(ctx, members(3, ladderQuota), func(ctx context.Context, c *cluster.Real,
		cl *clientv3.Client) error {
		f := &full{Real: c, cl: cl, defrags: map[sim.MemberID]int{}, times: map[string]int{}}
		env.Say("filling a store of 8 MiB")
		if err := f.fill(ctx); err != nil {
			return err
		}
		for _, c := range cs {
			env.Say("%s", c.Text)
			f.times[c.Text]++
			said := word(f.do(ctx, c))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			f.done = append(f.done, c.Text+": "+said)
		}
		env.Say("checking what clients see")
		ms, err = f.marks(ctx)
		return err
	})
	return ms, err
}

// fill writes until the store refuses, and has n1 lead.
func (f *full) fill(ctx context.Context) error {
	value := strings.Repeat(".", appSize)
	for i := range appKeys {
		if _, err := f.cl.Put(ctx, fmt.Sprintf("app/%02d", i), value); err != nil {
			return err
		}
	}
	for {
		if _, err := overwrite(ctx, f.cl, 64, 1, ladderValue); errors.Is(err, rpctypes.ErrNoSpace) {
			break
		} else if err != nil {
			return err
		}
	}
	_, err := lead(ctx, f.Real, 1)
	return err
}

func number(name string) sim.MemberID { return sim.MemberID(name[1] - '0') }

// do carries out a command. The error is etcd's.
func (f *full) do(ctx context.Context, c lessons.Command) error {
	switch c.Verb {
	case "compact":
		return compactAll(ctx, f.Real)
	case "delete":
		_, err := f.cl.Delete(ctx, c.Args[0]+"/", clientv3.WithPrefix())
		return err
	case "defrag":
		id := number(c.Args[0])
		if m := f.Leader(); m != nil && m.ID == id {
			f.led = append(f.led, m.Name)
		}
		f.defrags[id]++
		return f.Defrag(ctx, id)
	case "move-leader":
		_, err := lead(ctx, f.Real, number(c.Args[0]))
		return err
	case "disarm":
		for _, m := range f.Members() {
			if s, err := f.StoreStatus(ctx, m.ID); err == nil && s.Size > s.Quota*9/10 {
				f.early++
				break
			}
		}
		return f.Disarm(ctx)
	}
	_, err := f.cl.Put(ctx, "try", "")
	return err
}

// marks judges what is there in the end.
func (f *full) marks(ctx context.Context) ([]lessons.Mark, error) {
	var largest sim.Size
	for _, m := range f.Members() {
		s, err := f.StoreStatus(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		largest = max(largest, s.Size)
	}
	kept, err := f.cl.Get(ctx, "app/", clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil {
		return nil, err
	}
	load, err := f.cl.Get(ctx, "load/", clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil {
		return nil, err
	}
	puts, put := f.putSome(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	did := strings.Join(f.done, "; ")
	if did == "" {
		did = "nothing was done"
	}
	every, twice := len(f.defrags) == len(f.Members()), f.twice()
	repeated := "nothing was done twice"
	if len(twice) > 0 {
		repeated = "done more than once: " + strings.Join(twice, ", ")
	}
	leaders := "none of them was the leader"
	if len(f.led) > 0 {
		leaders = "leader while defragmented: " + strings.Join(f.led, " and ")
	}
	return []lessons.Mark{
		lessons.Marked(put == "ok", 4, "writes work again",
			fmt.Sprintf("%d of %d puts of 16 KiB were answered; the last: %s (%s)", puts, putsInTheEnd, put, did),
			"there must be room in each file, and the alarm must be disarmed after that"),
		lessons.Marked(largest <= ladderQuota/2, 2, "every member's file is at most half of the quota", "the largest has "+
			largest.Rounded(),
			"a compaction frees pages inside the files; each member has to give its own back"),
		lessons.Marked(kept.Count == appKeys && load.Count == 1 && put == "ok", 2, "all current keys are still there, and "+
			"can be changed",
			fmt.Sprintf("%d of %d app keys, %d of 1 load keys", kept.Count, appKeys, load.Count), "old revisions take up the "+
				"space; no key has to go"),
		lessons.Marked(every && len(f.led) == 0, 2, "each member was defragmented, and none while it was the leader",
			fmt.Sprintf("defragmented: %d of 3; %s", len(f.defrags), leaders),
			"followers first; then move leadership to one that is done"),
		lessons.Marked(every && len(twice) == 0 && f.early == 0, 1, "nothing was done twice or too early",
			fmt.Sprintf("alarms cleared while a file was full: %d; %s", f.early, repeated),
			"the alarm comes back with the next write as long as any file is full"),
	}, nil
}

// twice are the commands that were given more than once. Trying a put costs nothing, and leadership may
// have to move back.
func (f *full) twice() (texts []string) {
	for c, n := range f.times {
		if n > 1 && c != "put" && !strings.HasPrefix(c, "move-leader") {
			texts = append(texts, c)
		}
	}
	slices.Sort(texts)
	return texts
}

// putsInTheEnd are enough for an alarm to come back if there is no room.
const putsInTheEnd = 32

// putSome tells how many puts were answered, and how the last one was.
func (f *full) putSome(ctx context.Context) (int, string) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	n, err := overwrite(ctx, f.cl, putsInTheEnd, 1, ladderValue)
	return n, word(err)
}
