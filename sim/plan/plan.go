package plan

import "fmt"

// Answer explains a number: the finding in a sentence, the rule behind it,
// and where the rule comes from.
type Answer struct {
	Text   string `json:"text"`
	Rule   string `json:"rule"`
	Source string `json:"source"`
}

// Plan is what follows from an [Input]. Times are in milliseconds unless a name says
// otherwise, sizes in bytes, shares from 0 to 1.
type Plan struct {
	Input        Input
	Assumptions  []Assumption
	Quorum       Voting
	Availability Availability
	Zones        Zones
	Election     ElectionTimeouts
	Latency      Commit
	Growth       Growth
	Resources    Resources
	Recovery     Recovery
	Failover     Failover
}

// Make makes the plan. Given names the fields that somebody entered, to tell them from defaults of the same
// value. An impossible input is an error with its first problem; Validate lists all.
func Make(in Input, given ...string) (*Plan, error) {
	if ps := in.Validate(); len(ps) > 0 {
		return nil, fmt.Errorf("%s: %w", ps[0].Field, ps[0].Err)
	}
	entered := in
	in.complete()
	p := &Plan{Input: in}
	p.Quorum = voting(in.Members)
	p.Availability = availability(&in)
	p.Zones = zones(&in)
	p.Election = election(&in)
	p.Assumptions = assumptions(&entered, &in, &p.Election, given)
	p.Latency = commit(&in)
	p.Growth = growth(&in)
	p.Resources = resources(&in, &p.Growth)
	p.Failover = failover(&in, &p.Election)
	p.Recovery = recovery(&in, &p.Growth, &p.Failover)
	return p, nil
}

// Topic is an answer with its name.
type Topic struct {
	Key    string // for programs
	Name   string // for people
	Answer Answer
}

// Answers lists all answers in the order in which they are told.
func (p *Plan) Answers() []Topic {
	return []Topic{
		{"quorum", "Quorum", p.Quorum.Answer},
		{"availability", "Availability", p.Availability.Answer},
		{"zones", "Zones", p.Zones.Answer},
		{"election", "Election", p.Election.Answer},
		{"failover", "Failover", p.Failover.Answer},
		{"latency", "Latency", p.Latency.Answer},
		{"growth", "Growth", p.Growth.Answer},
		{"resources", "Resources", p.Resources.Answer},
		{"recovery", "Recovery", p.Recovery.Answer},
	}
}

// FirstLoss is the mean time in years from all members up until the quorum is lost for the
// first time, when zones never fail; 0: never.
func (p *Plan) FirstLoss() float64 {
	return finite(yearsToFirstLoss(p.Input.Members, p.Input.member()))
}
