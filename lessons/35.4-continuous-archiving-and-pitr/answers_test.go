package continuousarchiving

import (
	"strings"
	"testing"
	"time"

	"quorumlab/lessons/lessontest"
)

func TestAnswers(t *testing.T) {
	const second = "restore monday\nrecovery_target_timeline = 1\n"
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"the whole server goes back": {Task: "drop", Text: "waldump\nrestore monday\nrecovery_target_xid = found\n" +
			"recovery_target_inclusive = off\nrecovery_target_action = promote\nstart\nswitch-over\n",
			Points: 6, Hint: "must not go back in time"},
		"the DROP is applied": {Task: "drop", Text: "waldump\nrestore monday\nrecovery_target_xid = found\nstart\n" +
			"count ledger\ncopy ledger\n", Points: 0, Hint: "is the target itself applied"},
		"the restore point": {Task: "drop", Text: "restore monday\nrecovery_target_name = before_release\nstart\n" +
			"copy ledger\n", Points: 5, Hint: "later than the restore point"},
		"the latest state": {Task: "drop", Text: "restore monday\nstart\ncopy ledger\n", Points: 0,
			Hint: "first bring the ledger back"},
		"before the backup": {Task: "drop", Text: "restore monday\nrecovery_target_time = 08:56\nstart\ncopy ledger\n",
			Points: 5, Hint: "later than the restore point"},
		"by time": {Task: "drop", Text: "restore monday\nrecovery_target_time = 09:29\n" +
			"recovery_target_action = promote\nstart\n" +
			"copy ledger\n", Points: 9},
		"paused in the DROP": {Task: "drop", Text: "restore monday\nrecovery_target_time = 09:29\nstart\ncopy ledger\n",
			Points: 0, Hint: "who holds"},
		"the invoices come along": {Task: "drop", Text: "restore monday\nrecovery_target_time = 09:29:59\n" +
			"recovery_target_action = promote\nstart\nfetch invoices\nswitch-over\n", Points: 9},
		"a paused server takes over": {Task: "drop", Text: "restore monday\nrecovery_target_name = before_release\n" +
			"start\nswitch-over\n", Points: 0, Hint: "can be read only"},
		"a locked ledger takes over": {Task: "drop", Text: "restore monday\nrecovery_target_time = 09:29\nstart\n" +
			"switch-over\n", Points: 0, Hint: "first bring the ledger back"},
		"nothing": {Task: "drop", Text: "# later\n", Points: 0, Hint: "first bring the ledger back"},
		"commands without a server": {Task: "drop", Text: "start\ncopy ledger\nrecovery_target_xid = found\nswitch-over\n",
			Points: 0, Hint: "first bring the ledger back"},

		"the latest timeline": {Task: "second", Text: "restore monday\nrecovery_target_time = 09:18\n" +
			"recovery_target_action = promote\nstart\nfetch ledger\nswitch-over\n", Points: 0, Hint: "on which timeline"},
		"timeline 1 and its DROP": {Task: "second", Text: second + "recovery_target_action = promote\nstart\n" +
			"fetch ledger\nswitch-over\n", Points: 0, Hint: "on which timeline"},
		"the colleague's entries are left behind": {Task: "second", Text: second + "recovery_target_time = 09:18\n" +
			"recovery_target_action = promote\nstart\nswitch-over\n", Points: 6, Hint: "fetch takes them"},
		"never switched over": {Task: "second", Text: second + "recovery_target_time = 09:18\n" +
			"recovery_target_action = promote\nstart\nfetch ledger\n", Points: 0, Hint: "on which timeline"},
		"by the transaction": {Task: "second", Text: "waldump\n" + second + "recovery_target_xid = found\n" +
			"recovery_target_inclusive = off\nstart\npromote\nfetch ledger\nswitch-over\n", Points: 9},
		"two targets": {Task: "second", Text: "waldump\n" + second + "recovery_target_xid = found\n" +
			"recovery_target_time = 09:18\nstart\nswitch-over\n", Points: 0, Hint: "on which timeline"},

		"an unknown setting": {Task: "drop", Text: "restore monday\nrecovery_target_tme = 09:29\n",
			Bad: `drop.txt:2:1: unknown command "recovery_target_tme"`},
		"no time":      {Task: "drop", Text: "recovery_target_time = 9.29\n", Bad: `drop.txt:1:24: "9.29" is not a time`},
		"no number":    {Task: "drop", Text: "recovery_target_xid = 777\n", Bad: `drop.txt:1:23: unknown transaction "777"`},
		"no value":     {Task: "drop", Text: "recovery_target_time =\n", Bad: "drop.txt:1:1: wrong number of arguments"},
		"SQL":          {Task: "drop", Text: "count ledger;drop\n", Bad: `drop.txt:1:7: unknown table "ledger;drop"`},
		"no backup":    {Task: "second", Text: "restore mondy\n", Bad: `unknown base backup "mondy" (did you mean "monday"?)`},
		"far too long": {Task: "second", Text: strings.Repeat("waldump\n", mostCommands+1), Bad: "at most 24 commands"},
	})
}

// Times of the story lie between the real ones of what happened.
func TestStoryTime(t *testing.T) {
	begun := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	d := &desk{labels: []label{{9 * time.Hour, begun}, {10 * time.Hour, begun.Add(10 * time.Millisecond)}}}
	for day, want := range map[string]time.Duration{"09:30": 5 * time.Millisecond, "09:00": 0,
		"10:00": 10 * time.Millisecond, "08:59:59": -time.Second, "10:00:01": time.Second + 10*time.Millisecond} {
		at, err := timeOfDay(day)
		if err != nil || d.real(at).Sub(begun) != want {
			t.Errorf("%s is %s after 09:00, want %s; %v", day, d.real(at).Sub(begun), want, err)
		}
	}
	for _, bad := range []string{"", "9:30", "24:00", "09:30:", "09:30:00.5", "noon", "-1:00"} {
		if _, err := timeOfDay(bad); err == nil {
			t.Errorf("%q is a time", bad)
		}
	}
}

func TestReadDump(t *testing.T) {
	const out = "rmgr: Heap        len (rec/tot):     59/    59, tx:        740, lsn: 0/03000028, prev 0/02000060, " +
		"desc: INSERT off 1 flags 0x00, blkref #0: rel 1663/5/16400 blk 0\n" +
		"rmgr: Transaction len (rec/tot):    405/   405, tx:        741, lsn: 0/03003B48, prev 0/03003B10, desc: COMMIT " +
		"2026-03-02 09:30:00.000000 UTC; rels: base/5/16389 base/5/16385; inval msgs: catcache 7\n" +
		"rmgr: Heap        len (rec/tot):     54/    54, tx:        740, lsn: 0/03000068, prev 0/03000028, " +
		"desc: DELETE off 1 flags 0x00 KEYS_UPDATED, blkref #0: rel 1663/5/16390 blk 0\n" +
		"rmgr: Standby     len (rec/tot):     50/    50, tx:          0, lsn: 0/03000098, prev 0/03000068, " +
		"desc: RUNNING_XACTS\n" +
		"rmgr: Transaction len (rec/tot):     34/    34, tx:        740, lsn: 0/030000A0, prev 0/03000098, desc: COMMIT " +
		"2026-03-02 09:30:01.000000 UTC\ngarbage\n"
	ts := readDump(out)
	if len(ts) != 2 || *ts[0] != (dumped{xid: "741", files: "base/5/16389 base/5/16385"}) ||
		*ts[1] != (dumped{xid: "740", records: 2, deletes: 1}) {
		t.Errorf("it reads %+v", ts)
	}
}
