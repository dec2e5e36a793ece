package sandbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/run"
	"quorumlab/sim/script"
)

// StatusJSON is a sandbox's status for programs (format 1): times in milliseconds,
// sizes in bytes.
type StatusJSON struct {
	Format     int            `json:"format"`
	Name       string         `json:"name"`
	At         float64        `json:"at"`     // since the start
	Leader     string         `json:"leader"` // empty: there is none
	Members    []MemberJSON   `json:"members"`
	Faults     []FaultJSON    `json:"faults"` // that last
	Load       []FaultJSON    `json:"load"`   // what the script has clients do
	Operations OperationsJSON `json:"operations"`
}

// MemberJSON is one member.
type MemberJSON struct {
	Name      string   `json:"name"`
	ClientURL string   `json:"client_url"`
	State     string   `json:"state"` // leader, follower, ..., down or paused
	Term      uint64   `json:"term"`
	Leader    string   `json:"leader"` // the member that it takes for the leader
	Commit    uint64   `json:"commit"`
	Answers   bool     `json:"answers"`
	DB        int64    `json:"db"`
	InUse     int64    `json:"db_in_use"`
	Alarms    []string `json:"alarms"`
	PID       int      `json:"pid"` // of its own process; 0 if it has none
}

// FaultJSON is a statement whose effect lasts, with the time when it began.
type FaultJSON struct {
	Statement string  `json:"statement"`
	Since     float64 `json:"since"`
}

// OperationsJSON counts the load's clients' operations.
type OperationsJSON struct {
	OK      uint64 `json:"ok"`
	Failed  uint64 `json:"failed"`
	Unknown uint64 `json:"unknown"`
}

// leaderOf is the leader of a majority of the voters, or nobody.
func leaderOf(s etcdsim.LiveStatus) string {
	voters, follow := 0, map[sim.MemberID]int{}
	for _, m := range s.Members {
		if m.Learner {
			continue
		}
		voters++
		if m.Up && m.Leader != 0 {
			follow[m.Leader]++
		}
	}
	for _, m := range s.Members {
		if m.Role == sim.Leader && m.Up && follow[m.ID] > voters/2 {
			return m.Name
		}
	}
	return ""
}

// state is what a member does, in a word.
func state(m etcdsim.LiveMember) string {
	switch {
	case !m.Up:
		return "down"
	case m.Paused:
		return "paused"
	case m.Role == sim.RoleNone:
		return "starting"
	}
	return m.Role.String()
}

// status answers the line "status".
func (b *Sandbox) status(ctx context.Context, arg string) (Reply, error) {
	if arg != "" {
		return Reply{}, run.BadInput("", "status takes no argument, but got %q", arg)
	}
	s, err := b.Status(ctx)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Text: s.text(), Status: s}, nil
}

// Status reports the cluster's state. Errors: etcdsim.ErrEnded and ctx's.
func (b *Sandbox) Status(ctx context.Context) (*StatusJSON, error) {
	s, err := b.live.Status(ctx)
	if err != nil {
		return nil, err
	}
	j := &StatusJSON{Format: 1, Name: b.config.Name, At: sim.MillisOf(s.At), Leader: leaderOf(s), Members: []MemberJSON{},
		Faults: []FaultJSON{}, Load: []FaultJSON{}, Operations: b.teller.operations()}
	for _, m := range s.Members {
		mj := MemberJSON{m.Name, m.ClientURL, state(m), m.Term, "", m.Commit, m.Answers,
			int64(m.DB), int64(m.InUse), m.Alarms, b.live.Cluster().Member(m.ID).PID()}
		if m.Leader != 0 {
			mj.Leader = b.memberName(m.Leader)
		}
		if mj.Alarms == nil {
			mj.Alarms = []string{}
		}
		j.Members = append(j.Members, mj)
	}
	j.Faults, j.Load = wrongAndAsked(s.Faults)
	return j, nil
}

// wrongAndAsked tells what is wrong from what clients are asked to do. Of the statements that set
// how much they ask, the newest counts.
func wrongAndAsked(lasting []etcdsim.LiveFault) (faults, load []FaultJSON) {
	faults, load = []FaultJSON{}, []FaultJSON{}
	rate := -1 // its place in load
	for _, f := range lasting {
		is := FaultJSON{f.Text, sim.MillisOf(f.Since)}
		st, err := script.Parse(f.Text)
		if err != nil || script.VerbNamed(st.Verb).Family != "load" {
			faults = append(faults, is)
			continue
		}
		if slices.Contains(script.VerbNamed(st.Verb).Needs, sim.PowerLoad) {
			if rate >= 0 {
				load[rate] = is
				continue
			}
			rate = len(load)
		}
		load = append(load, is)
	}
	return faults, load
}

// text is the status for people.
func (s *StatusJSON) text() string {
	var out strings.Builder
	leader := "no leader"
	if s.Leader != "" {
		leader = "leader " + s.Leader
	}
	fmt.Fprintf(&out, "%s, running for %s, %s\n", s.Name, sim.Millis.FormatValue(s.At), leader)
	fmt.Fprintf(&out, "  %-8s %-9s %5s %8s %8s %8s %7s  %s\n",
		"member", "state", "term", "commit", "db", "in use", "pid", "clients")
	for _, m := range s.Members {
		fmt.Fprintf(&out, "  %-8s %-9s %5d %8d %8s %8s %7s  %s\n",
			m.Name, m.State, m.Term, m.Commit, size(m, m.DB), size(m, m.InUse), pid(m),
			strings.TrimPrefix(strings.TrimPrefix(m.ClientURL, "http://"), "https://"))
		for _, a := range m.Alarms {
			text.Hanging(&out, "             ", a)
		}
	}
	for _, f := range s.Faults {
		text.Hanging(&out, "  ", f.Statement+", since "+sim.Millis.FormatValue(f.Since))
	}
	ops := s.Operations
	fmt.Fprintf(&out, "  operations: %d ok, %d failed, %d unknown", ops.OK, ops.Failed, ops.Unknown)
	for i, l := range s.Load {
		fmt.Fprintf(&out, "%s%s since %s", map[bool]string{true: "; ", false: ", "}[i == 0],
			l.Statement, sim.Millis.FormatValue(l.Since))
	}
	return out.String()
}

// pid is a member's process, or a dash.
func pid(m MemberJSON) string {
	if m.PID == 0 {
		return "-"
	}
	return strconv.Itoa(m.PID)
}

// size is a size that a member told, for people, in at most eight letters.
func size(m MemberJSON, n int64) string {
	switch {
	case !m.Answers:
		return "-"
	case n < 10<<20:
		return fmt.Sprintf("%dKiB", n>>10)
	}
	return fmt.Sprintf("%dMiB", n>>20)
}
