package sim

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"reflect"
	"strconv"
	"strings"
	"time"

	"quorumlab/internal/text"
)

// MemberSettings are settings of the cluster that one member has otherwise. What is nil the member has like the
// cluster. A field is named as in the cluster, and its Setting says PerMember.
type MemberSettings struct {
	Heartbeat      *time.Duration  `yaml:"heartbeat,omitempty" json:",omitempty"`
	Election       *Distribution   `yaml:"election,omitempty" json:",omitempty"`
	PreVote        *bool           `yaml:"pre-vote,omitempty" json:",omitempty"`
	CheckQuorum    *bool           `yaml:"check-quorum,omitempty" json:",omitempty"`
	SnapshotCount  *uint64         `yaml:"snapshot-count,omitempty" json:",omitempty"`
	CatchUpEntries *uint64         `yaml:"catch-up-entries,omitempty" json:",omitempty"`
	Quota          *Size           `yaml:"quota,omitempty" json:",omitempty"`
	AutoCompaction *AutoCompaction `yaml:"auto-compaction,omitempty" json:",omitempty"`
}

// MemberSettingNames are the names of MemberSettings' fields, in their order.
func MemberSettingNames() (names []string) {
	t := reflect.TypeFor[MemberSettings]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		names = append(names, name)
	}
	return names
}

// MemberSettingNamed finds the cluster's setting that members may have of their own by its name there, like
// "pre-vote" or "quota".
func MemberSettingNamed(name string) (Setting, bool) {
	for _, s := range settings {
		if s.PerMember && path.Ext(s.Path) == "."+name {
			return s, true
		}
	}
	return Setting{}, false
}

// IsZero reports whether the member has all settings like the cluster.
func (m MemberSettings) IsZero() bool { return m == MemberSettings{} }

// On is the cluster as a member with these settings has it.
func (m MemberSettings) On(c ClusterSpec) ClusterSpec {
	set(&c.Heartbeat, m.Heartbeat)
	set(&c.Election, m.Election)
	set(&c.PreVote, m.PreVote)
	set(&c.CheckQuorum, m.CheckQuorum)
	set(&c.Store.SnapshotCount, m.SnapshotCount)
	set(&c.Store.CatchUpEntries, m.CatchUpEntries)
	set(&c.Store.Quota, m.Quota)
	set(&c.Store.AutoCompaction, m.AutoCompaction)
	return c
}

func set[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}

// Then is what a member has that had m and is given others: the later one of each.
func (m MemberSettings) Then(later MemberSettings) MemberSettings {
	return MemberSettings{
		Heartbeat:      cmp.Or(later.Heartbeat, m.Heartbeat),
		Election:       cmp.Or(later.Election, m.Election),
		PreVote:        cmp.Or(later.PreVote, m.PreVote),
		CheckQuorum:    cmp.Or(later.CheckQuorum, m.CheckQuorum),
		SnapshotCount:  cmp.Or(later.SnapshotCount, m.SnapshotCount),
		CatchUpEntries: cmp.Or(later.CatchUpEntries, m.CatchUpEntries),
		Quota:          cmp.Or(later.Quota, m.Quota),
		AutoCompaction: cmp.Or(later.AutoCompaction, m.AutoCompaction),
	}
}

// ParseMemberSettings reads settings as a statement has them, like "pre-vote=false election=2s". Its errors are
// SyntaxErrors.
func ParseMemberSettings(s string) (m MemberSettings, err error) {
	v := reflect.ValueOf(&m).Elem()
	names := MemberSettingNames()
	words := text.Words(s)
	if len(words) == 0 {
		return m, At(0, errors.New("a setting is missing, like pre-vote=false"))
	}
	for _, w := range words {
		name, value, ok := strings.Cut(w.Text, "=")
		if !ok {
			return m, At(w.Offset, fmt.Errorf("%q is not a setting: write NAME=VALUE, like pre-vote=false", w.Text))
		}
		i := -1
		for j, n := range names {
			if n == name {
				i = j
			}
		}
		if i < 0 {
			return m, At(w.Offset, fmt.Errorf("unknown setting %q%s", name, text.DidYouMeanOr(name, names,
				"a member may have its own "+text.Names(names))))
		}
		if !v.Field(i).IsNil() {
			return m, At(w.Offset, fmt.Errorf("%q is set twice", name))
		}
		if err := readSetting(v.Field(i).Addr().Interface(), value); err != nil {
			return m, At(w.Offset+len(name)+1, fmt.Errorf("%s: %w", name, err))
		}
	}
	return m, nil
}

// readSetting reads a value into one of the fields.
func readSetting(field any, value string) (err error) {
	switch f := field.(type) {
	case **bool:
		*f, err = read(value, func(s string) (bool, error) {
			if s != "true" && s != "false" {
				return false, fmt.Errorf("%q is neither true nor false", s)
			}
			return s == "true", nil
		})
	case **uint64:
		*f, err = read(value, func(s string) (uint64, error) {
			n, err := strconv.ParseUint(s, 10, 64)
			if err != nil {
				err = fmt.Errorf("%q is not a whole number", s)
			}
			return n, err
		})
	case **time.Duration:
		*f, err = read(value, ParseDuration)
	case **Distribution:
		*f, err = read(value, ParseDistribution)
	case **Size:
		*f, err = read(value, ParseSize)
	case **AutoCompaction:
		*f, err = read(value, ParseAutoCompaction)
	}
	return err
}

func read[T any](s string, parse func(string) (T, error)) (*T, error) {
	v, err := parse(s)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// Text is the text form, as ParseMemberSettings reads it. It is no String, which a member's spec would take over.
func (m MemberSettings) Text() string {
	v := reflect.ValueOf(m)
	var parts []string
	for i, name := range MemberSettingNames() {
		if f := v.Field(i); !f.IsNil() {
			value := f.Elem().Interface()
			if d, ok := value.(time.Duration); ok {
				value = FormatDuration(d)
			}
			parts = append(parts, fmt.Sprintf("%s=%v", name, value))
		}
	}
	return strings.Join(parts, " ")
}

// problems lists what is wrong with a cluster whose members would all have these settings, and is right without them.
// They say it of the field "heartbeat", not of "cluster.heartbeat".
func (m MemberSettings) problems(c *ClusterSpec) (ps []Problem) {
	if m.IsZero() {
		return nil
	}
	own := m.On(*c)
	for _, p := range own.problems() {
		if len(c.problems()) == 0 {
			p.Path = path.Ext("." + strings.TrimPrefix(strings.TrimPrefix(p.Path, "cluster."), "store."))[1:]
			ps = append(ps, p)
		}
	}
	return ps
}

// Check returns what is wrong with a cluster whose members would have these settings, or nil.
func (m MemberSettings) Check(c *ClusterSpec) error {
	for _, p := range m.problems(c) {
		return p
	}
	return nil
}

// A SettingsUse is where in a scenario settings of a member stand.
type SettingsUse struct {
	Path    string // in the scenario's file
	Step    int    // of the script, from 1; 0: none
	What    string // the statement, or the path
	Cluster ClusterSpec
}

// SettingsUses lists what the cluster's settings are for its members: for all, for each member that has its own, and
// for those that a statement starts with others.
func (s *Scenario) SettingsUses() []SettingsUse {
	us := []SettingsUse{{Path: "cluster", What: "cluster", Cluster: s.Cluster}}
	had := map[string]MemberSettings{}
	for i, m := range s.Cluster.Members {
		had[m.Name] = m.MemberSettings
		if !m.IsZero() {
			at := fmt.Sprintf("cluster.members[%d]", i)
			us = append(us, SettingsUse{Path: at, What: at, Cluster: m.On(s.Cluster)})
		}
	}
	for i, st := range s.Steps {
		with := st.Do.With
		if with.IsZero() {
			continue
		}
		own := with
		if g := st.Do.Groups; len(g) == 1 && len(g[0]) == 1 && g[0][0].By == ByName {
			own = had[g[0][0].Name].Then(with)
			had[g[0][0].Name] = own
		}
		us = append(us, SettingsUse{Path: fmt.Sprintf("steps[%d].do", i), Step: i + 1, What: st.Do.String(),
			Cluster: own.On(s.Cluster)})
	}
	return us
}

// RefuseUses asks an engine about each of the settings that members have in a scenario. What it refuses for the whole
// cluster it says once.
func (s *Scenario) RefuseUses(ask func(c *ClusterSpec) []Refusal) (rs []Refusal) {
	said := map[Refusal]bool{}
	for _, u := range s.SettingsUses() {
		for _, r := range ask(&u.Cluster) {
			if said[r] {
				continue
			}
			switch {
			case u.Step > 0:
				r = Refusal{Step: u.Step, What: u.What, Reason: r.Reason}
			case u.Path == "cluster":
				said[r] = true
			default:
				r.What = u.Path + "." + path.Ext(r.What)[1:]
			}
			rs = append(rs, r)
		}
	}
	return rs
}
