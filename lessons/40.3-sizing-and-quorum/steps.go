package sizingandquorum

import "quorumlab/lessons"

var toleranceStep = lessons.LessonStep{
	ID: "tolerance", Title: "How many can be lost", Run: lessons.Driver(tolerances),
	Predictions: []lessons.Prediction{
		{ID: "two", Question: "How many of two members can be killed before nothing is written any more?",
			Fact: "tolerates.2",
			Why:  "a quorum of two is two"},
		{ID: "four", Question: "And of four?", Fact: "tolerates.4",
			Why: "a quorum of four is three, so the fourth member only made the quorum larger"},
		{ID: "seven", Question: "And of seven?", Fact: "tolerates.7",
			Why: "a quorum of seven is four"},
	},
	Claims: []lessons.Claim{
		"rule == yes", "gained.even == 0",
		"tolerates.1 == 0", "tolerates.2 == 0", "tolerates.3 == 1", "tolerates.4 == 1", "tolerates.5 == 2",
		"tolerates.6 == 2", "tolerates.7 == 3",
		"tolerates.1.real == 0", "tolerates.3.real == 1", "tolerates.4.real == 1", "tolerates.5.real == 2",
	},
	Misconception: "Each extra member makes the cluster safer; two are safer than one.",
}

var paceStep = lessons.LessonStep{
	ID: "pace", Title: "What members cost", Run: lessons.Driver(paces),
	Predictions: []lessons.Prediction{
		{ID: "fastest", Question: "Sixteen clients write to clusters of 1, 2, 3, 4, 5 and 7 members. Which handles the " +
			"most puts per second?", Fact: "fastest",
			Choices: []lessons.Choice{{Value: "1", Text: "1"}, {Value: "2", Text: "2"}, {Value: "3", Text: "3"},
				{Value: "4", Text: "4"}, {Value: "5", Text: "5"}, {Value: "7", Text: "7: the most machines"}},
			Why: "every member does all the work, and the leader has to send everything to all of them and wait for a majority"},
	},
	Claims:        []lessons.Claim{"puts.1 > 0/s", "puts.7 > 0/s"},
	Misconception: "More members share the load, so a larger cluster is faster.",
}

var joiningStep = lessons.LessonStep{
	ID: "joining", Title: "A member that never starts", Run: lessons.Driver(joining),
	Predictions: []lessons.Prediction{
		{ID: "voter", Question: "A second voter, whose machine never starts, is added to a cluster of one. What happens to " +
			"the next put?", Fact: "voter.put",
			Choices: putChoices(), Why: "with two voters the quorum is two, and one of the two is missing"},
		{ID: "undo", Question: "The operator notices and tries to remove the new member again. What happens?",
			Fact:    "voter.remove",
			Choices: putChoices(), Why: "a removal is a log entry like any other, and needs the quorum that is gone"},
		{ID: "learner", Question: "The same with a learner. What happens to the next put?", Fact: "learner.put",
			Choices: putChoices(), Why: "a learner has no vote and does not count for the quorum"},
	},
	Claims: []lessons.Claim{
		"voter.add == answers", "voter.put == no answer", "voter.remove == no answer",
		"learner.add == answers", "learner.put == answers", "learner.promote == refused", "learner.remove == answers",
	},
	Misconception: "You add a member first and start it when there is time.",
}

func putChoices() []lessons.Choice {
	return []lessons.Choice{{Value: "answers", Text: "it is answered"}, {Value: "no answer", Text: "it waits until the " +
		"client gives up"}, {Value: "refused", Text: "it is rejected"}}
}

var zonesStep = lessons.LessonStep{
	ID: "zones", Title: "Failure zones", Run: lessons.Driver(zones),
	Predictions: []lessons.Prediction{
		{ID: "two-zones", Question: "Five members in two zones, three in a and two in b: which zone can be lost?",
			Fact:    "survives.3-2",
			Choices: zoneChoices(), Why: "without zone a there are two of five, which is not a quorum"},
		{ID: "even-zones", Question: "Four members in two zones, two in each: which zone can be lost?", Fact: "survives.2-2",
			Choices: zoneChoices(), Why: "each half has two of four, and a quorum of four is three"},
		{ID: "third-zone", Question: "Five members, two in a, two in b and one in c: which zone can be lost?",
			Fact:    "survives.2-2-1",
			Choices: zoneChoices(), Why: "whichever is lost, at least three of five are elsewhere"},
	},
	Claims: []lessons.Claim{
		"survives.2-1 == only b", "survives.1-1-1 == any", "survives.2-2 == none", "survives.3-2 == only b",
		"survives.2-2-1 == any",
		"plan.agrees == yes",
	},
	Misconception: "Two data centers are enough for high availability.",
}

func zoneChoices() []lessons.Choice {
	return []lessons.Choice{{Value: "any", Text: "any one of them"}, {Value: "only a", Text: "only a"},
		{Value: "only b", Text: "only b"}, {Value: "none", Text: "none"}}
}

var wanStep = lessons.LessonStep{
	ID: "far-links", Title: "High-latency links", Run: lessons.Driver(wan),
	Predictions: []lessons.Prediction{
		{ID: "too-short", Question: "The election timeout is 100 ms, a round trip takes 160 ms, and nothing fails. For how " +
			"much of the time is there a leader?", Fact: "leads.100ms",
			Choices: []lessons.Choice{{Value: "almost always", Text: "almost always: nothing fails"},
				{Value: "now and then", Text: "for about half of it"}, {Value: "almost never", Text: "almost never"}},
			Why: "before a leader's first heartbeat has made its round trip, another member times out and starts the next " +
				"election"},
		{ID: "long-enough", Question: "And how many elections are there in a minute with etcd's default of 1 s?",
			Fact: "elections.1s",
			Why:  "six round trips fit into it, so a heartbeat always arrives in time"},
	},
	Claims: []lessons.Claim{
		"elections.100ms > 100", "elections.100ms.pre-vote > 50", "with-leader.100ms < 20%", "with-leader.100ms.pre-vote < " +
			"20%",
		"elections.1s == 0", "elections.1s.pre-vote == 0", "with-leader.1s > 95%", "failover.1s > 500ms", "failover.1s < 5s",
	},
	Misconception: "A short election timeout means a short outage.",
}
