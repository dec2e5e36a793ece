package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

// What takes long and has no terminal to draw on says what it does now and then.
func TestSayerTellsWithoutATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		s := newSayer(streams{err: &out}, "40.1 lose")
		<-time.After(lineEvery + time.Second)
		s.say("crash on %s", "etcd\x1b[2J")
		<-time.After(lineEvery)
		s.clear()
		const want = "40.1 lose: working, 10s so far\n40.1 lose: crash on etcd\\u001b[2J, 20s so far\n"
		if got := out.String(); got != want {
			t.Errorf("it says\n%s, want\n%s", got, want)
		}
	})
	var out bytes.Buffer
	s := newSayer(streams{err: &out}, "40.1 lose")
	s.say("quickly")
	s.clear()
	if out.Len() > 0 {
		t.Errorf("what was over soon says %s", out.String())
	}
}
