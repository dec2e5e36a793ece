package sandbox

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/run"
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

// FaultJSON is a statement whose effect lasts.
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
		if m.Role == sim.Learner {
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
		Faults: []FaultJSON{}, Operations: b.teller.operations()}
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
	for _, f := range s.Faults {
		j.Faults = append(j.Faults, FaultJSON{f.Text, sim.MillisOf(f.Since)})
	}
	return j, nil
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
